"""Companies kept apart: context, models, policies and the check that all of it holds."""
