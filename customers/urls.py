from django.urls import include, path

from customers.views import (
    bulk,
    cells,
    contacts,
    custom_fields,
    duplicates,
    filters,
    follow_ups,
    lists,
    pick,
    records,
    search,
    timeline,
)

customers = [
    path("", lists.customer_list, name="list"),
    path("count/", lists.count, name="count"),
    path("filters/", filters.builder, name="filters"),
    path("filters/row/", filters.row, name="filter-row"),
    path("filters/group/", filters.group, name="filter-group"),
    path("new/", records.new, name="new"),
    path("names/", custom_fields.names, name="names"),
    path("log/", pick.log_with, name="log-with"),
    path("assign/", bulk.assign, name="assign"),
    path("assign/<uuid:request_id>/undo/", bulk.undo_assign, name="undo-assign"),
    path("assign/jobs/<uuid:pk>/undo/", bulk.undo_assign_job, name="undo-assign-job"),
    path("bulk/edit/", bulk.edit, name="edit-many"),
    path("bulk/delete/", bulk.delete, name="delete-many"),
    path("bulk/<uuid:request_id>/undo/", bulk.undo, name="undo-many"),
    path("bulk/jobs/<uuid:pk>/undo/", bulk.undo_job, name="undo-many-job"),
    path("duplicates/", duplicates.review, name="duplicates"),
    path("duplicates/check/", duplicates.check, name="check-duplicates"),
    path("duplicates/scan/", duplicates.scan, name="scan-duplicates"),
    path("duplicates/<uuid:pk>/apart/", duplicates.tell_apart, name="tell-apart"),
    path("duplicates/<uuid:pk>/propose/", duplicates.propose_again, name="propose-duplicate"),
    path("merge/", duplicates.merge, name="merge"),
    path("merges/<uuid:pk>/undo/", duplicates.undo, name="unmerge"),
    path("import/", include("customers.import_urls")),
    path("<uuid:pk>/", records.record, name="record"),
    path("<uuid:pk>/cell/<str:key>/", cells.cell, name="cell"),
    path("<uuid:pk>/work/", records.work, name="work"),
    path("<uuid:pk>/beside/", records.beside, name="beside"),
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

fields = [
    path("", custom_fields.fields, name="fields"),
    path("new/", custom_fields.new, name="new-field"),
    path("<uuid:pk>/", custom_fields.edit, name="edit-field"),
    path("<uuid:pk>/archive/", custom_fields.archive, name="archive-field"),
    path("<uuid:pk>/restore/", custom_fields.restore, name="restore-field"),
    path("<uuid:pk>/move/<str:way>/", custom_fields.move, name="move-field"),
]

both = [path("customers/", include(customers)), path("settings/fields/", include(fields))]

urlpatterns = [
    path("", include((both, "customers"))),
    path("search/", search.search, name="search"),
]
