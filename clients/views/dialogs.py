"""The life of a form, as a page or as a dialog of htmx: shown, refused, in conflict, done.

One template serves both: the whole page by its address, its partial `dialog` inside #dialog-slot.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from brazil.documents import ParsedDocument, mask_document
from brazil.money import format_money
from clients.versions import StaleRecordError
from core import answers
from core.forms import RepeatedSubmitError, use_key
from people.access import UserRequest
from people.models import Activity, User

TEMPLATE = "clients/form.html"


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """What stands around the fields. `back` is the page the form belongs to."""

    title: str | Promise
    submit: str | Promise
    back: str
    crumb: str = ""
    lede: str | Promise = ""
    remove_url: str = ""
    wide: bool = False
    danger: bool = False


@dataclass(frozen=True)
class Difference:
    label: str
    present: str
    typed: str
    field_id: str


class RefusedError(Exception):
    """The rule refused what the form let pass; `field` empty means the form as a whole."""

    def __init__(self, field: str, text: str | Promise) -> None:
        super().__init__(str(text))
        self.field = field or None
        self.text = str(text)


def template_for(request: UserRequest, template: str = TEMPLATE) -> str:
    return f"{template}#dialog" if answers.is_fragment(request) else template


def handle(
    request: UserRequest,
    page: FormPage,
    form: forms.Form,
    act: Callable[[], str],
    *,
    events: tuple[str, ...] = ("client-changed",),
    undo_url: str = "",
    present: Callable[[Any], Mapping[str, Any]] | None = None,
) -> HttpResponse:
    """Shows the form, or runs `act` (which returns the text of the notice) when it was sent and is valid.

    `present` gives the initial values of the stored record, to be set beside what was typed in a conflict.
    """
    template, context = template_for(request), {"page": page, "form": form}
    if request.method != "POST":
        return render(request, template, context)
    if not form.is_valid():
        return answers.invalid(request, template, context)
    try:
        with once(form, by=request.user, url=page.back):
            text = act()
    except RefusedError as refusal:
        form.add_error(refusal.field, refusal.text)
        return answers.invalid(request, template, context)
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=page.back)
    except StaleRecordError as stale:
        values = present(stale.current) if present else {}
        return answers.conflict(request, template, context | conflict_of(form, stale, values))
    return answers.done(request, text, url=page.back, undo_url=undo_url, events=("close-dialog", *events))


def refused(
    request: UserRequest, page: FormPage, form: forms.Form, field: str, text: str, *, status: int = 422
) -> HttpResponse:
    """The form again, for a refusal whose trace must outlive the transaction of the write."""
    form.add_error(field, text)
    return render(request, template_for(request), {"page": page, "form": form}, status=status)


@contextmanager
def once(form: forms.Form, *, by: User, url: str = "") -> Iterator[None]:
    """One transaction that also spends the form's one-time key, when it has one."""
    with transaction.atomic():
        if "form_key" in form.fields:
            use_key(form.cleaned_data["form_key"], user=by, result_url=url)
        yield


def repeated_submit(request: UserRequest, repeated: RepeatedSubmitError, *, url: str) -> HttpResponse:
    text = _("Este formulário já tinha sido enviado. Nada foi repetido.")
    return answers.done(request, text, url=repeated.result_url or url)


def conflict_of(form: forms.Form, stale: StaleRecordError, present: Mapping[str, Any]) -> dict[str, Any]:
    """Both texts side by side; the form keeps what was typed and now carries the newer version."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    data["version"] = str(stale.current.version)
    form.data = data
    return {"differences": differences(form, present), "saved": _last_saved(stale.current)}


def differences(form: forms.Form, present: Mapping[str, Any]) -> list[Difference]:
    found = []
    for field in form.visible_fields():
        now = shown(field.field, present.get(field.name))
        typed = shown(field.field, form.cleaned_data.get(field.name))
        if now != typed:
            found.append(Difference(str(field.label), now, typed, field.id_for_label))
    return found


def shown(field: forms.Field, value: Any) -> str:
    """A value as people read it, whether it comes from the record or from the form."""
    if isinstance(value, ParsedDocument):
        value = mask_document(value.normalized)
    if value is None or value == "":
        return "—"
    if isinstance(value, datetime.date):
        return date_format(value, "d/m/Y")
    if isinstance(value, Decimal):
        return format_money(value)
    if isinstance(value, list):
        return ", ".join(shown(field, one) for one in value) or "—"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


def _last_saved(record: Any) -> Activity | None:
    log = Activity.objects.filter(content_type=ContentType.objects.get_for_model(record), object_id=record.pk)
    return log.select_related("by").order_by("-at", "-id").first()
