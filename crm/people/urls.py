from django.urls import path

from crm.people import views

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/company/", views.company, name="settings-company"),
    path("settings/language/", views.language, name="change-language"),
    path("settings/invite/", views.invite, name="invite"),
    path("settings/invitations/<uuid:pk>/withdraw/", views.withdraw_invitation, name="withdraw-invitation"),
    path("settings/members/<uuid:pk>/", views.member, name="member"),
    path("settings/members/<uuid:pk>/view-as/", views.view_as, name="view-as"),
    path("settings/view-as/end/", views.end_view, name="end-view"),
    path("settings/teams/new/", views.team, name="new-team"),
    path("settings/teams/<uuid:pk>/", views.team, name="team"),
    path("settings/keys/new/", views.new_key, name="new-key"),
    path("settings/keys/<uuid:pk>/revoke/", views.revoke_key, name="revoke-key"),
    path("join/<str:token>/", views.join, name="join"),
]
