"""Addresses of one part of portfolio; portfolio.urls puts them together."""

from django.urls import path

from portfolio.views import calendar

urlpatterns = [
    path("agenda/", calendar.calendar_view, name="calendar_view"),
    path("agenda/nova/", calendar.calendar_add, name="calendar_add"),
    path("agenda/assinatura/", calendar.calendar_feed, name="calendar_feed"),
    path("agenda/assinatura/desligar/", calendar.calendar_feed_close, name="calendar_feed_close"),
    path("agenda/ical/<slug:secret>.ics", calendar.calendar_ical, name="calendar_ical"),
]
