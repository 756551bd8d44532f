"""Addresses that hurt their own database connection, beside the project's."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from carteira import urls
from people.access import public

handler500 = urls.handler500


@public(reason="a test of the outage page")
def too_slow(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse("late")


@public(reason="a test of the outage page")
def cut_off(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("alive")


@public(reason="a test of the outage page")
def wrong(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse("divided")


urlpatterns = [
    path("devagar/", too_slow),
    path("cortada/", cut_off),
    path("errada/", wrong),
    *urls.urlpatterns,
]
