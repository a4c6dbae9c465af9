"""One deed done to many records of a list, at once or as a job, and taken back from the history's before-images."""
