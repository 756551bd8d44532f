from typing import Any

from django.urls import URLPattern, path

from clients.views import belongings, consents, documents, handover, registration

app_name = "clients"


def belonging_urls(noun: str, folder: str, new: str, *, primary: bool = True) -> list[URLPattern]:
    """The screens of one kind of record that hangs on a client."""
    kind: dict[str, Any] = {"noun": noun}
    urls = [
        path(f"<int:client_pk>/{folder}/{new}/", belongings.belonging_add, kind, name=f"{noun}_add"),
        path(f"{folder}/<int:pk>/editar/", belongings.belonging_edit, kind, name=f"{noun}_edit"),
        path(f"{folder}/<int:pk>/remover/", belongings.belonging_remove, kind, name=f"{noun}_remove"),
    ]
    if primary:
        name = f"{noun}_make_primary"
        urls.append(path(f"{folder}/<int:pk>/principal/", belongings.belonging_make_primary, kind, name=name))
    return urls


urlpatterns = [
    path("novo/", registration.client_create, name="client_create"),
    path("novo/repetidos/", registration.client_duplicates, name="client_duplicates"),
    path("transferir/", handover.client_bulk_transfer, name="client_bulk_transfer"),
    path("<int:pk>/editar/", registration.client_edit, name="client_edit"),
    path("<int:pk>/etiquetas/", registration.client_tags, name="client_tags"),
    path("<int:pk>/documento/", documents.client_document, name="client_document"),
    path("<int:pk>/transferir/", handover.client_transfer, name="client_transfer"),
    path("<int:pk>/devolver/", handover.client_release, name="client_release"),
    path("<int:client_pk>/consentimentos/", consents.consent_list, name="consent_list"),
    path("<int:client_pk>/consentimentos/novo/", consents.consent_add, name="consent_add"),
    path("<int:client_pk>/nao-contatar/", consents.opt_out_add, name="opt_out_add"),
    path("<int:client_pk>/desfazer/<str:token>/", belongings.belonging_restore, name="belonging_restore"),
    *belonging_urls("phone", "telefones", "novo"),
    *belonging_urls("email", "emails", "novo"),
    *belonging_urls("address", "enderecos", "novo"),
    *belonging_urls("person", "pessoas", "nova", primary=False),
]
