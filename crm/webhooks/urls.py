from django.urls import path

from crm.webhooks import views

urlpatterns = [
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/new/", views.new_webhook, name="new-webhook"),
    path("settings/webhooks/<uuid:pk>/", views.webhook, name="webhook"),
    path("settings/webhooks/<uuid:pk>/edit/", views.edit_webhook, name="edit-webhook"),
    path("settings/webhooks/<uuid:pk>/rotate/", views.rotate, name="rotate-webhook"),
    path("settings/webhooks/<uuid:pk>/test/", views.test, name="test-webhook"),
    path("settings/webhooks/<uuid:pk>/replay/", views.replay, name="replay-webhook"),
    path("settings/webhooks/<uuid:pk>/delete/", views.delete_webhook, name="delete-webhook"),
]
