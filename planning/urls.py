from django.urls import path

from planning import views

app_name = "planning"
urlpatterns = [
    path("plans/", views.plans, name="list"),
    path("plans/new/", views.new, name="new"),
    path("plans/<uuid:pk>/", views.record, name="record"),
    path("plans/<uuid:pk>/edit/", views.edit, name="edit"),
    path("plans/<uuid:pk>/delete/", views.delete, name="delete"),
    path("plans/<uuid:pk>/objectives/new/", views.objective, name="new-objective"),
    path("plans/<uuid:pk>/objectives/<uuid:objective_pk>/", views.objective, name="objective"),
    path(
        "plans/<uuid:pk>/objectives/<uuid:objective_pk>/delete/",
        views.delete_objective,
        name="delete-objective",
    ),
]
