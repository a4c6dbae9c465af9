"""Taking in what comes from outside, and deciding about it."""
