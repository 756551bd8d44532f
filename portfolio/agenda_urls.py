"""Addresses of one part of portfolio; portfolio.urls puts them together."""

from django.urls import path

from portfolio.views import agenda

urlpatterns = [
    path("meu-dia/", agenda.my_day, name="my_day"),
    path("meu-dia/atualizar/", agenda.agenda_refresh, name="agenda_refresh"),
    path("meu-dia/<int:client_pk>/", agenda.agenda_act, name="agenda_act"),
    path("meu-dia/<int:client_pk>/adiar/", agenda.agenda_snooze, name="agenda_snooze"),
    path("meu-dia/adiamentos/<int:pk>/desfazer/", agenda.agenda_unsnooze, name="agenda_unsnooze"),
]
