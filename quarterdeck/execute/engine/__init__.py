"""Container engines: found by asking them, watched through a wrapper in front of their client, cleaned up after."""
