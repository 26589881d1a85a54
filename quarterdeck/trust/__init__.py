"""Who has said yes to what a folder of talks runs."""
