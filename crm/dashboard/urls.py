from django.urls import path

from crm.dashboard import views

urlpatterns = [
    path("", views.today, name="today"),
    path("insight/", views.insight, name="insight"),
    path("companies/", views.companies, name="companies"),
    path("companies/<uuid:tenant_id>/enter/", views.enter_company, name="enter-company"),
]
