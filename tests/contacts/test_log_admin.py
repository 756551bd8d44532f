"""Outcomes in Django's admin: added, renamed, retired; never deleted."""

from collections.abc import Callable
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from contacts.models import ContactOutcome
from people.models import Activity, User
from tests.factories import Cast

FIELDS: dict[str, Any] = {
    "label": "Pediu desconto",
    "group": "reached",
    "consequence": "",
    "channels": ["call", "whatsapp"],
    "details": "Na taxa\r\nNo prazo",
    "position": "15",
    "is_active": "on",
}


def test_admins_add_and_retire_outcomes(cast: Cast, at_desk: Callable[[User], Browser]) -> None:
    browser = at_desk(cast.ada)
    answer = browser.post(reverse("admin:contacts_contactoutcome_add"), {**FIELDS, "code": "discount"})
    assert answer.status_code == 302
    added = ContactOutcome.objects.get(code="discount")
    assert (added.channels, added.details) == (["call", "whatsapp"], ["Na taxa", "No prazo"])
    url = reverse("admin:contacts_contactoutcome_change", args=[added.pk])
    assert browser.get(url).status_code == 200
    browser.post(url, {**FIELDS, "code": "other", "is_active": ""})
    added.refresh_from_db()
    assert (added.code, added.is_active) == ("discount", False)
    assert Activity.objects.filter(verb__startswith="contactoutcome_").count() == 2


def test_outcomes_are_not_deleted(cast: Cast, at_desk: Callable[[User], Browser]) -> None:
    pk = ContactOutcome.objects.get(code="sold").pk
    assert at_desk(cast.ada).post(reverse("admin:contacts_contactoutcome_delete", args=[pk])).status_code == 403
