"""What authors set, and where things lie: settings, files, assets, folders of the user."""
