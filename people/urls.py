from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("minha-conta/", views.account, name="account"),
    # Before allauth's own: the address of a login is changed by admins, with a reason.
    path("conta/email/", views.own_email, name="own_email"),
    path("minha-conta/tema/", views.theme, name="theme"),
    path("avisos/", views.notice_list, name="notice_list"),
    path("avisos/<int:pk>/lido/", views.notice_read, name="notice_read"),
    path("avisos/lidos/", views.notice_read_all, name="notice_read_all"),
    path("resumo/<str:token>/parar/", views.digest_stop, name="digest_stop"),
    path("equipes/", views.team_list, name="team_list"),
    path("equipes/nova/", views.team_create, name="team_create"),
    path("equipes/<int:pk>/", views.team_edit, name="team_edit"),
    path("pessoas/nova/", views.user_create, name="user_create"),
    path("pessoas/<int:pk>/", views.user_edit, name="user_edit"),
    path("ausencias/nova/", views.absence_create, name="absence_create"),
    path("ausencias/<int:pk>/encerrar/", views.absence_end, name="absence_end"),
]
