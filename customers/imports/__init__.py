"""Reading files: encodings, columns, values. Nothing here writes to the database."""
