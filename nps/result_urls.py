"""Addresses of results and answers; nps.urls puts them together."""

from django.urls import path

from nps.views import results

urlpatterns = [
    path("pesquisas/resultados/", results.results, name="results"),
    path("pesquisas/respostas/", results.answer_list, name="answer_list"),
    path("pesquisas/respostas/<int:pk>/fora/", results.answer_leave_out, name="answer_leave_out"),
    path("pesquisas/respostas/<int:pk>/de-volta/", results.answer_put_back, name="answer_put_back"),
]
