"""All addresses, Portuguese paths and English names."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from carteira import offline
from people.access import public

handler400 = "carteira.errors.bad_request"
handler403 = "carteira.errors.permission_denied"
handler404 = "carteira.errors.page_not_found"
handler500 = "carteira.errors.server_error"


@public(reason="process supervisors ask whether the web process answers; tells nothing else")
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("saude/", health, name="health"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("sem-conexao/", offline.offline, name="offline"),
    path("", include("portfolio.urls")),
    path("clientes/", include("clients.urls")),
    path("", include("contracts.urls")),
    path("contatos/", include("contacts.urls")),
    path("", include("nps.urls")),
    path("importacao/", include("imports.urls")),
    path("tarefas/", include("jobs.urls")),
    path("", include("people.urls")),
    path("conta/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
