"""Addresses of surveys and of asking by hand; nps.urls puts them together."""

from django.urls import path

from nps.views import asking, surveys

urlpatterns = [
    path("pesquisas/", surveys.survey_list, name="survey_list"),
    path("pesquisas/nova/", surveys.survey_create, name="survey_create"),
    path("pesquisas/parametros/", surveys.settings_edit, name="settings_edit"),
    path("pesquisas/<int:pk>/", surveys.survey_detail, name="survey_detail"),
    path("pesquisas/<int:pk>/editar/", surveys.survey_edit, name="survey_edit"),
    path("pesquisas/<int:pk>/iniciar-ou-parar/", surveys.survey_toggle, name="survey_toggle"),
    path("pesquisas/a-mao/", asking.by_hand, name="by_hand"),
    path("pesquisas/a-mao/entregar/", asking.hand_over, name="hand_over"),
    path("pesquisas/por-telefone/<int:client_pk>/", asking.phone_answer, name="phone_answer"),
]
