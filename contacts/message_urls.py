"""Addresses of words: the composer, templates and scripts; contacts.urls puts them together."""

from django.urls import path

from contacts.views import deliveries, mail_reports, messages, offers, scripts, texts

urlpatterns = [
    path("clientes/<int:client_pk>/mensagem/", messages.message_compose, name="message_compose"),
    path("mensagens/<int:pk>/desfazer/", messages.message_undo, name="message_undo"),
    path("provedores/<slug:channel>/", deliveries.provider_report, name="provider_report"),
    path("provedores/correio/<slug:provider>/", mail_reports.mail_report, name="mail_report"),
    path("ofertas/<str:token>/parar/", offers.offer_stop, name="offer_stop"),
    path("modelos/", texts.template_list, name="template_list"),
    path("modelos/novo/", texts.template_create, name="template_create"),
    path("modelos/previa/", texts.template_preview, name="template_preview"),
    path("modelos/<int:pk>/editar/", texts.template_edit, name="template_edit"),
    path("modelos/<int:pk>/retirar/", texts.template_retire, name="template_retire"),
    path("modelos/<int:pk>/usar/", texts.template_restore, name="template_restore"),
    path("roteiros/", scripts.script_list, name="script_list"),
    path("roteiros/novo/", scripts.script_create, name="script_create"),
    path("roteiros/<int:pk>/", scripts.script_detail, name="script_detail"),
    path("roteiros/<int:pk>/editar/", scripts.script_edit, name="script_edit"),
    path("roteiros/<int:pk>/retirar/", scripts.script_retire, name="script_retire"),
    path("roteiros/<int:pk>/usar/", scripts.script_restore, name="script_restore"),
    path("roteiros/<int:pk>/blocos/novo/", scripts.block_add, name="block_add"),
    path("roteiros/blocos/<int:pk>/editar/", scripts.block_edit, name="block_edit"),
    path("roteiros/blocos/<int:pk>/mover/", scripts.block_move, name="block_move"),
    path("roteiros/blocos/<int:pk>/remover/", scripts.block_remove, name="block_remove"),
    path("clientes/<int:client_pk>/roteiro/<int:pk>/", scripts.script_show, name="script_show"),
]
