"""Addresses of the pages that clients open from a letter, and of its logo; nps.urls puts them together."""

from django.urls import path

from nps.views import letter_logo, public

urlpatterns = [
    path("pesquisa/marca.png", letter_logo.logo, name="brand"),
    path("p/<str:token>/", public.answer, name="answer"),
    path("p/<str:token>/obrigado/", public.thanks, name="thanks"),
    path("p/<str:token>/indicar/", public.refer, name="refer"),
    path("p/<str:token>/parar/", public.stop, name="stop"),
    path("p/<str:token>/dados/", public.privacy, name="privacy"),
]
