"""Addresses of one part of contacts; contacts.urls puts them together."""

from django.urls import path

from contacts.views import attachments, calls, deaths, logs, notes, tasks

urlpatterns = [
    path("clientes/<int:client_pk>/registrar/", logs.log_create, name="log_create"),
    path("clientes/<int:client_pk>/registrar/agora/", logs.log_quick, name="log_quick"),
    path("clientes/<int:client_pk>/regras/", logs.log_gate, name="log_gate"),
    path("clientes/<int:client_pk>/numeros/", logs.contact_links, name="contact_links"),
    path("clientes/<int:client_pk>/ligar/", calls.call_start, name="call_start"),
    path("clientes/<int:client_pk>/falecimento/retirar/", deaths.death_take_back, name="death_take_back"),
    path("registros/<int:pk>/editar/", logs.log_edit, name="log_edit"),
    path("registros/<int:pk>/corrigir/", logs.log_correct, name="log_correct"),
    path("registros/<int:pk>/desfazer/", logs.log_undo, name="log_undo"),
    path("clientes/<int:client_pk>/tarefas/nova/", tasks.task_create, name="task_create"),
    path("tarefas/<int:pk>/editar/", tasks.task_edit, name="task_edit"),
    path("tarefas/<int:pk>/feita/", tasks.task_done, name="task_done"),
    path("tarefas/<int:pk>/cancelar/", tasks.task_cancel, name="task_cancel"),
    path("tarefas/<int:pk>/abrir/", tasks.task_reopen, name="task_reopen"),
    path("clientes/<int:client_pk>/anotacoes/nova/", notes.note_create, name="note_create"),
    path("clientes/<int:client_pk>/anotacoes/colegas/", notes.note_mentions, name="note_mentions"),
    path("clientes/<int:client_pk>/arquivos/novo/", attachments.attachment_add, name="attachment_add"),
    path("arquivos/<int:pk>/baixar/", attachments.attachment_download, name="attachment_download"),
    path("arquivos/<int:pk>/remover/", attachments.attachment_remove, name="attachment_remove"),
    path("arquivos/<int:pk>/restaurar/", attachments.attachment_restore, name="attachment_restore"),
]
