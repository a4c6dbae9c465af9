from django.urls import path

from segmentation.views import classes, customers, moves, rfm, segments

app_name = "segmentation"

urlpatterns = [
    path("segments/", classes.index, name="classes"),
    path("segments/classes/new/", classes.new, name="new-class"),
    path("segments/classes/try/", classes.rehearse_new, name="try-new"),
    path("segments/classes/<uuid:pk>/", classes.edit, name="class"),
    path("segments/classes/<uuid:pk>/try/", classes.rehearse, name="try-class"),
    path("segments/classes/<uuid:pk>/delete/", classes.delete, name="delete-class"),
    path("segments/rfm/", rfm.index, name="rfm"),
    path("segments/moves/", moves.index, name="moves"),
    path("segments/saved/", segments.index, name="segments"),
    path("segments/new/", segments.new, name="new-segment"),
    path("segments/try/", segments.rehearse, name="try-segment"),
    path("segments/<uuid:pk>/", segments.record, name="segment"),
    path("segments/<uuid:pk>/edit/", segments.edit, name="edit-segment"),
    path("segments/<uuid:pk>/delete/", segments.delete, name="delete-segment"),
    path("segments/customers/<uuid:pk>/class/", customers.override, name="override"),
    path("segments/customers/<uuid:pk>/class/clear/", customers.clear, name="clear-override"),
    path("segments/customers/<uuid:pk>/class/why/", customers.why_class, name="why-class"),
    path("segments/customers/<uuid:pk>/stage/why/", customers.why_stage, name="why-stage"),
]
