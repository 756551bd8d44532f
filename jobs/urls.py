from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="job_list"),
    path("noite/", views.night_run, name="night_run"),
    path("teste/", views.queue_check, name="queue_check"),
    path("mensagens/", views.message_list, name="message_list"),
    path("mensagens/<int:pk>/enviada/", views.message_mark_sent, name="message_mark_sent"),
    path("mensagens/<int:pk>/reenviar/", views.message_send_again, name="message_send_again"),
    path("<int:pk>/", views.job_detail, name="job_detail"),
    path("<int:pk>/andamento/", views.job_progress, name="job_progress"),
    path("<int:pk>/repetir/", views.job_retry, name="job_retry"),
]
