"""What customers say, and what became of it."""

from feedback.models.feedback import Feedback, FeedbackForm
from feedback.models.surveys import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion, SurveyResponse
from feedback.models.tickets import Ticket

__all__ = [
    "Feedback",
    "FeedbackForm",
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
    "SurveyQuestion",
    "SurveyResponse",
    "Ticket",
]
