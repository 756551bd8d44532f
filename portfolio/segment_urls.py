from django.urls import path

from portfolio.views import coverage, enrolment, segments

urlpatterns = [
    path("carteira/segmentos/", segments.segment_list, name="segment_list"),
    path("carteira/segmentos/novo/", segments.segment_create, name="segment_create"),
    path("carteira/segmentos/<int:pk>/editar/", segments.segment_edit, name="segment_edit"),
    path("carteira/segmentos/<int:pk>/remover/", segments.segment_remove, name="segment_remove"),
    path("carteira/segmentos/<int:pk>/plano/", enrolment.segment_plan, name="segment_plan"),
    path("carteira/segmentos/plano/<int:pk>/parar/", enrolment.segment_plan_stop, name="segment_plan_stop"),
    path("cobertura/", coverage.coverage_report, name="coverage_report"),
]
