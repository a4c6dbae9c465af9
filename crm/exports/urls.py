from django.urls import path

from crm.exports import views

urlpatterns = [
    path("exports/new/<slug:name>/", views.new, name="new-export"),
    path("exports/<uuid:pk>/file/", views.file, name="export-file"),
]
