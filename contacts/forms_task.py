"""Forms of tasks, notes and files of a client."""

import datetime
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.fields import DateField
from clients.forms import PartForm
from clients.models import Client
from contacts import attachments
from contacts.forms_log import NOTHING_PROMISED, TimeInput, checked_file
from contacts.models import LogChannel, Task
from contacts.notes import colleagues_of
from core.forms import OneTimeFormMixin, VersionField


class TaskForm(PartForm):
    title = forms.CharField(label=_("O que fazer"), max_length=160)
    due_on = DateField(label=_("Dia"))
    due_time = forms.TimeField(
        label=_("Hora"),
        required=False,
        widget=TimeInput(format="%H:%M"),
        help_text=_("Vazio: a qualquer hora do dia."),
    )
    channel = forms.ChoiceField(label=_("Por onde"), choices=[("", "—"), *LogChannel.choices], required=False)
    kind = forms.ChoiceField(label=_("Tipo"), choices=Task.Kind.choices, initial=Task.Kind.TASK)
    minutes = forms.IntegerField(label=_("Minutos"), min_value=1, max_value=480, initial=10)
    assignee: Any = forms.ModelChoiceField(
        None, label=_("De quem"), required=False, empty_label=_("De quem cuida do cliente")
    )
    note = forms.CharField(
        label=_("Detalhes"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        cast(Any, self.fields["assignee"]).queryset = colleagues_of(client)

    def clean(self) -> dict[str, Any]:
        if self.client.deceased_on:
            raise ValidationError(NOTHING_PROMISED, code="deceased")
        return super().clean() or self.cleaned_data

    def clean_due_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["due_on"]
        if day < timezone.localdate() and day != self.initial.get("due_on"):
            raise ValidationError(_("Este dia já passou. Escolha outro."))
        return day

    def values(self) -> dict[str, Any]:
        said = super().values()
        hour, day = said.pop("due_time"), said["due_on"]
        said["due_at"] = timezone.make_aware(datetime.datetime.combine(day, hour)) if hour else None
        return said


class TaskCreateForm(TaskForm, OneTimeFormMixin):
    pass


class TaskEditForm(TaskForm):
    version = VersionField()


def initial_of(task: Task) -> Mapping[str, Any]:
    same = ("title", "due_on", "channel", "kind", "minutes", "note", "version")
    at = task.due_at and timezone.localtime(task.due_at)
    return {
        **{name: getattr(task, name) for name in same},
        "assignee": task.assignee_id,
        "due_time": at.time() if at else None,
    }


class NoteForm(PartForm, OneTimeFormMixin):
    text = forms.CharField(
        label=_("Anotação"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Escreva @ e o nome de um colega para avisá-lo."),
    )
    is_highlight = forms.BooleanField(label=_("Destacar"), required=False)


class FileForm(PartForm, OneTimeFormMixin):
    file = forms.FileField(
        label=_("Arquivo"),
        help_text=_("PDF, imagem, DOCX, XLSX, texto, CSV ou áudio, até 20 MB."),
        widget=forms.FileInput(attrs={"accept": attachments.ACCEPTED}),
    )

    def clean_file(self) -> Any:
        return checked_file(self.cleaned_data["file"])
