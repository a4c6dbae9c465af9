"""One deed done to many customers, and taken back from the history's before-images."""
