"""Block lists and the rules of the gate; contacts.urls puts the parts together."""

from django.urls import URLPattern, path

from contacts.views import block_lists

urlpatterns: list[URLPattern] = [
    path("bloqueios/", block_lists.block_list_list, name="block_list_list"),
    path("bloqueios/nova/", block_lists.block_list_create, name="block_list_create"),
    path("bloqueios/conferir/", block_lists.number_check, name="number_check"),
    path("bloqueios/<int:pk>/", block_lists.block_list_detail, name="block_list_detail"),
    path("bloqueios/<int:pk>/editar/", block_lists.block_list_edit, name="block_list_edit"),
    path("bloqueios/<int:pk>/remover/", block_lists.block_list_remove, name="block_list_remove"),
    path("bloqueios/<int:pk>/carregar/", block_lists.block_list_load, name="block_list_load"),
    path("bloqueios/<int:pk>/andamento/", block_lists.block_list_progress, name="block_list_progress"),
    path("bloqueios/cargas/<int:pk>/linhas/", block_lists.load_problems, name="load_problems"),
]
