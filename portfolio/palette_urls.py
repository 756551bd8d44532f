"""Addresses of one part of portfolio; portfolio.urls puts them together."""

from django.urls import path

from portfolio.views import palette

urlpatterns = [
    path("paleta/", palette.palette_search, name="palette_search"),
    path("paleta/<int:pk>/", palette.palette_acts, name="palette_acts"),
]
