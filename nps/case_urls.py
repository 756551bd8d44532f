"""Addresses of one part of nps; nps.urls puts them together."""

from django.urls import path

from nps.views import cases

urlpatterns = [
    path("pesquisas/casos/", cases.case_list, name="case_list"),
    path("pesquisas/casos/<int:pk>/", cases.case_detail, name="case_detail"),
    path("pesquisas/casos/<int:pk>/anotar/", cases.case_note, name="case_note"),
    path("pesquisas/casos/<int:pk>/conversa/", cases.case_contacted, name="case_contacted"),
    path("pesquisas/casos/<int:pk>/passar/", cases.case_hand_over, name="case_hand_over"),
    path("pesquisas/casos/<int:pk>/resolver/", cases.case_resolve, name="case_resolve"),
    path("pesquisas/casos/<int:pk>/reabrir/", cases.case_reopen, name="case_reopen"),
]
