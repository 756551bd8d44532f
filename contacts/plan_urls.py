"""Addresses of contact plans; contacts.urls puts them together."""

from django.urls import path

from contacts.views import memberships, plans

urlpatterns = [
    path("planos/", plans.plan_list, name="plan_list"),
    path("planos/novo/", plans.plan_create, name="plan_create"),
    path("planos/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("planos/<int:pk>/editar/", plans.plan_edit, name="plan_edit"),
    path("planos/<int:pk>/duplicar/", plans.plan_duplicate, name="plan_duplicate"),
    path("planos/<int:pk>/ativar/", plans.plan_activate, name="plan_activate"),
    path("planos/<int:pk>/pausar/", plans.plan_pause, name="plan_pause"),
    path("planos/<int:pk>/clientes/", plans.plan_members, name="plan_members"),
    path("planos/<int:pk>/passos/novo/", plans.step_add, name="step_add"),
    path("planos/passos/<int:pk>/editar/", plans.step_edit, name="step_edit"),
    path("planos/passos/<int:pk>/mover/", plans.step_move, name="step_move"),
    path("planos/passos/<int:pk>/remover/", plans.step_remove, name="step_remove"),
    path("planos/clientes/<int:client_pk>/entrar/", memberships.plan_join, name="plan_join"),
    path("planos/participacoes/<int:pk>/sair/", memberships.membership_leave, name="membership_leave"),
]
