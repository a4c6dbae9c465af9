from django.urls import path

from crm.notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/choices/", views.choices, name="notification-choices"),
    path("notifications/read/", views.read_all, name="read-notifications"),
    path("notifications/<uuid:pk>/read/", views.read, name="read-notification"),
]
