"""The only room that starts a process of an author."""
