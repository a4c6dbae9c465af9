from feedback import api

routes = [
    ("feedback", api.FeedbackViewSet),
    ("tickets", api.TicketViewSet),
    ("surveys", api.SurveyViewSet),
    ("invitations", api.InvitationViewSet),
    ("responses", api.ResponseViewSet),
]
