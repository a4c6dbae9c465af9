"""What is held about a person: taken out as a file, erased everywhere."""
