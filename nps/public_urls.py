"""Addresses of one part of nps; nps.urls puts them together."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
