from django.urls import include, path

from maintenance import views

maintenance = [
    path("", views.home, name="home"),
    path("forgotten/", views.forgotten, name="forgotten"),
    path("plans/new/", views.new_plan, name="new-plan"),
    path("plans/<uuid:pk>/", views.edit_plan, name="plan"),
    path("plans/<uuid:pk>/delete/", views.delete_plan, name="delete-plan"),
    path("plans/restore/<uuid:request_id>/", views.restore_plan, name="restore-plan"),
    path("reminders/", views.policy, name="reminders"),
]

urlpatterns = [path("maintenance/", include((maintenance, "maintenance")))]
