"""The author's server: the site in memory, patched in the open page while its Markdown is edited."""
