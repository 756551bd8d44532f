"""Addresses of one part of portfolio; portfolio.urls puts them together."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
