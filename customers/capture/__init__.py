"""What comes from outside: which fields it may fill, and how what was given is read."""
