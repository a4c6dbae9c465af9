"""What can be wrong with a machine, in words for the person in front of it."""


class StackError(Exception):
    """Something outside the code stops Tenure from starting; the message says what to do."""
