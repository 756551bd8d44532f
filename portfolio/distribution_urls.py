from django.urls import path

from portfolio.views import distribution

urlpatterns = [
    path("distribuicao/", distribution.distribution, name="distribution"),
    path("distribuicao/previa/", distribution.distribution_propose, name="distribution_propose"),
    path("distribuicao/<int:pk>/", distribution.distribution_detail, name="distribution_detail"),
    path("distribuicao/<int:pk>/andamento/", distribution.distribution_progress, name="distribution_progress"),
    path("distribuicao/<int:pk>/continuar/", distribution.distribution_resume, name="distribution_resume"),
    path("distribuicao/<int:pk>/aplicar/", distribution.distribution_apply, name="distribution_apply"),
    path("distribuicao/<int:pk>/desfazer/", distribution.distribution_undo, name="distribution_undo"),
    path("distribuicao/<int:pk>/descartar/", distribution.distribution_discard, name="distribution_discard"),
    path("pessoas/<int:pk>/saida/", distribution.seller_leave, name="seller_leave"),
]
