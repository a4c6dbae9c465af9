from django.urls import include, path

from maintenance.views import follow_ups, home

maintenance = [
    path("", home.home, name="home"),
    path("follow-ups/", follow_ups.follow_up_list, name="follow-ups"),
    path("forgotten/", home.forgotten, name="forgotten"),
    path("plans/new/", home.new_plan, name="new-plan"),
    path("plans/<uuid:pk>/", home.edit_plan, name="plan"),
    path("plans/<uuid:pk>/delete/", home.delete_plan, name="delete-plan"),
    path("plans/restore/<uuid:request_id>/", home.restore_plan, name="restore-plan"),
    path("reminders/", home.policy, name="reminders"),
]

urlpatterns = [path("maintenance/", include((maintenance, "maintenance")))]
