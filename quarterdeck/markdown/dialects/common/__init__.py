"""What more than one dialect reads or means in the same way."""
