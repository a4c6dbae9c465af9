from django.urls import path

from crm.offline import views

urlpatterns = [
    path("offline/", views.offline, name="offline"),
    path("service-worker.js", views.service_worker, name="service-worker"),
]
