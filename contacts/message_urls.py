"""Addresses of one part of contacts; contacts.urls puts them together."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
