from django.urls import path

from imports import views

app_name = "imports"
urlpatterns = [
    path("", views.batch_list, name="batch_list"),
    path("nova/", views.batch_upload, name="batch_upload"),
    path("modelo/<slug:kind>/", views.batch_model, name="batch_model"),
    path("<int:pk>/", views.batch_detail, name="batch_detail"),
    path("<int:pk>/colunas/", views.batch_mapping, name="batch_mapping"),
    path("<int:pk>/reler/", views.batch_reread, name="batch_reread"),
    path("<int:pk>/conferencia/", views.batch_check, name="batch_check"),
    path("<int:pk>/importar/", views.batch_run, name="batch_run"),
    path("<int:pk>/andamento/", views.batch_progress, name="batch_progress"),
    path("<int:pk>/corrigir/", views.batch_rejects, name="batch_rejects"),
    path("<int:pk>/desfazer/", views.batch_undo, name="batch_undo"),
    path("<int:pk>/cancelar/", views.batch_cancel, name="batch_cancel"),
]
