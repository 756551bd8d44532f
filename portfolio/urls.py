from django.urls import path

from portfolio import agenda_urls, calendar_urls, distribution_urls, palette_urls, segment_urls
from portfolio.views import client, clients, export

app_name = "portfolio"
urlpatterns = [
    path("", clients.home, name="home"),
    path("carteira/", clients.client_list, name="client_list"),
    path("carteira/busca/", clients.client_search, name="client_search"),
    path("carteira/filtros/", clients.client_filter, name="client_filter"),
    path("carteira/colunas/", clients.client_columns, name="client_columns"),
    path("carteira/planilha/", export.client_export, name="client_export"),
    path("carteira/etiqueta/", clients.client_tag, name="client_tag"),
    path("clientes/<int:pk>/", client.client_detail, name="client_detail"),
    path("clientes/<int:pk>/painel/<slug:panel>/", client.client_panel, name="client_panel"),
    *distribution_urls.urlpatterns,
    *agenda_urls.urlpatterns,
    *segment_urls.urlpatterns,
    *calendar_urls.urlpatterns,
    *palette_urls.urlpatterns,
]
