"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('feedback', '0001_initial'), ('segmentation', '0002_isolate')]

    operations = [
        isolate("FeedbackForm"),
        isolate("Feedback"),
        isolate("Survey"),
        isolate("SurveyQuestion"),
        isolate("SurveyInvitation"),
        isolate("SurveyResponse"),
        isolate("SurveyAnswer"),
        isolate("Ticket"),
        relate("Feedback"),
        relate("Survey"),
        relate("SurveyQuestion"),
        relate("SurveyInvitation"),
        relate("SurveyResponse"),
        relate("SurveyAnswer"),
        relate("Ticket"),
        audit("FeedbackForm", "secret_hash"),
        audit("Feedback"),
        audit("Survey"),
        audit("SurveyQuestion"),
        audit("SurveyInvitation", "secret_hash"),
        audit("SurveyResponse"),
        audit("SurveyAnswer"),
        audit("Ticket"),
    ]
