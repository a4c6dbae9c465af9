from django.urls import path

from crm.saved_views import views

urlpatterns = [
    path("views/new/<slug:key>/", views.new, name="new-view"),
    path("views/<uuid:pk>/edit/", views.edit, name="edit-view"),
    path("views/<uuid:pk>/save/", views.save, name="save-view"),
    path("views/<uuid:pk>/pin/", views.pin, name="pin-view"),
    path("views/<uuid:pk>/default/", views.default, name="default-view"),
    path("views/<uuid:pk>/delete/", views.delete, name="delete-view"),
    path("views/<uuid:pk>/restore/", views.restore, name="restore-view"),
]
