"""What authors set, and where things lie: settings, files, assets, folders of the user.

roots               where a project begins
settings            `quarterdeck.toml`, and what it may say
deck_options        the keys of front matter, as one type
other_tools         settings files of other tools
key_check           unknown keys, and values of another kind
yaml_text           YAML to plain data and to entries with their places
files               which talks a command means, and their text
assets              files that slides and stylesheets name, as files of the site
stylesheets         CSS with other addresses
resources           the tool's own templates and assets
folders             the user's own folders
starter             a new talk in a new folder
"""
