"""What the feedback pages show."""

from feedback.selectors.seeing import narrow, visible_feedback, visible_tickets
from feedback.selectors.surveys import results_of, with_counts

__all__ = ["narrow", "results_of", "visible_feedback", "visible_tickets", "with_counts"]
