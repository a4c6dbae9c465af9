from django.urls import path

from feedback.views import feedback, many, public, surveys, tickets

app_name = "feedback"
urlpatterns = [
    path("feedback/", feedback.feedback_list, name="list"),
    path("feedback/filters/", feedback.feedback_filters, name="filter"),
    path("feedback/new/", feedback.new, name="new"),
    path("feedback/forms/", feedback.public_forms, name="forms"),
    path("feedback/forms/new/", feedback.edit_form, name="new-form"),
    path("feedback/forms/<uuid:pk>/", feedback.edit_form, name="edit-form"),
    path("feedback/tickets/", tickets.ticket_list, name="tickets"),
    path("feedback/tickets/filters/", tickets.ticket_filters, name="filter-tickets"),
    path("feedback/tickets/new/<uuid:customer_pk>/", tickets.new, name="new-ticket"),
    path("feedback/tickets/many/<str:kind>/", many.change, name="change-tickets"),
    path("feedback/tickets/many/<uuid:request_id>/undo/", many.undo, name="undo-tickets"),
    path("feedback/tickets/many/jobs/<uuid:pk>/undo/", many.undo_job, name="undo-tickets-job"),
    path("feedback/tickets/<uuid:pk>/", tickets.ticket, name="ticket"),
    path("feedback/tickets/<uuid:pk>/history/", tickets.past, name="ticket-past"),
    path("feedback/tickets/<uuid:pk>/as-of/", tickets.then, name="ticket-as-of"),
    path(
        "feedback/tickets/history/<uuid:entry>/<str:column>/restore/",
        tickets.restore,
        name="restore-ticket-value",
    ),
    path("feedback/tickets/<uuid:pk>/edit/", tickets.edit, name="edit-ticket"),
    path("feedback/tickets/<uuid:pk>/answer/", tickets.answer, name="answer-ticket"),
    path("feedback/tickets/<uuid:pk>/resolve/", tickets.resolve, name="resolve-ticket"),
    path("feedback/tickets/<uuid:pk>/reopen/", tickets.reopen, name="reopen-ticket"),
    path("feedback/<uuid:pk>/", feedback.record, name="record"),
    path("feedback/<uuid:pk>/sort/", feedback.sort, name="sort"),
    path("feedback/<uuid:pk>/handle/", feedback.handle, name="handle"),
    path("feedback/<uuid:pk>/unhandle/", feedback.unhandle, name="unhandle"),
    path("surveys/", surveys.survey_list, name="surveys"),
    path("surveys/new/", surveys.new, name="new-survey"),
    path("surveys/<uuid:pk>/", surveys.survey, name="survey"),
    path("surveys/<uuid:pk>/edit/", surveys.edit, name="edit-survey"),
    path("surveys/<uuid:pk>/send/", surveys.send, name="send-survey"),
    path("surveys/<uuid:pk>/close/", surveys.close, name="close-survey"),
    path("s/<str:token>/", public.survey, name="public-survey"),
    path("s/<str:token>/stop/", public.stop, name="stop-surveys"),
    path("f/<str:token>/", public.form, name="public-form"),
]
