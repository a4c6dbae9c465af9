"""Finding customers that are one, deciding about them, merging them and taking that back."""
