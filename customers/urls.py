from django.urls import include, path

from customers.views import bulk, contacts, follow_ups, lists, pick, records, search, timeline

customers = [
    path("", lists.customer_list, name="list"),
    path("filters/", lists.filters, name="filters"),
    path("new/", records.new, name="new"),
    path("log/", pick.log_with, name="log-with"),
    path("assign/", bulk.assign, name="assign"),
    path("assign/<uuid:request_id>/undo/", bulk.undo_assign, name="undo-assign"),
    path("import/", include("customers.import_urls")),
    path("<uuid:pk>/", records.record, name="record"),
    path("<uuid:pk>/work/", records.work, name="work"),
    path("<uuid:pk>/timeline/", timeline.older, name="timeline"),
    path("<uuid:pk>/log/", timeline.log, name="log"),
    path("<uuid:pk>/edit/", records.edit, name="edit"),
    path("<uuid:pk>/delete/", records.delete, name="delete"),
    path("<uuid:pk>/restore/", records.restore, name="restore"),
    path("<uuid:pk>/review/", records.review, name="review"),
    path("<uuid:pk>/follow-ups/new/", follow_ups.schedule, name="schedule"),
    path("<uuid:pk>/contacts/new/", contacts.add, name="add-contact"),
    path("contacts/<uuid:pk>/", contacts.edit, name="edit-contact"),
    path("contacts/<uuid:pk>/delete/", contacts.delete, name="delete-contact"),
    path("follow-ups/<uuid:pk>/complete/", follow_ups.complete, name="complete"),
    path("follow-ups/<uuid:pk>/move/", follow_ups.move, name="move"),
    path("follow-ups/<uuid:pk>/skip/", follow_ups.skip, name="skip"),
]

urlpatterns = [
    path("customers/", include((customers, "customers"))),
    path("search/", search.search, name="search"),
]
