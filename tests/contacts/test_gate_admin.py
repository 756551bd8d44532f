"""Hours, limits and holidays in Django's admin: each change is written down."""

import datetime
from collections.abc import Callable

from django.test import Client as Browser
from django.urls import reverse

from contacts.models import ContactHours, ContactSettings, LocalHoliday
from people.models import Activity, User
from tests.factories import Cast


def test_each_change_of_a_rule_is_logged(cast: Cast, at_desk: Callable[[User], Browser]) -> None:
    ada = at_desk(cast.ada)
    data = {"uf": "BA", "days": "weekday", "opens_at": "10:00", "closes_at": "17:00", "since": "2026-01-01"}
    assert ada.post(reverse("admin:contacts_contacthours_add"), {**data, "source": "Lei"}).status_code == 302
    row = ContactHours.objects.get(uf="BA")
    change = reverse("admin:contacts_contacthours_change", args=[row.pk])
    assert ada.post(change, {**data, "closes_at": "16:00", "source": "Lei"}).status_code == 302
    log = Activity.objects.get(verb="contacthours_changed")
    assert (log.by, log.changes) == (cast.ada, {"closes_at": ["17:00:00", "16:00:00"]})
    delete = reverse("admin:contacts_contacthours_delete", args=[row.pk])
    assert ada.post(delete, {"post": "yes"}).status_code == 302
    assert Activity.objects.filter(verb__startswith="contacthours_").count() == 3


def test_several_holidays_removed_at_once_are_logged_one_by_one(cast: Cast, at_desk: Callable[[User], Browser]) -> None:
    rows = [LocalHoliday.objects.create(on=datetime.date(2027, 1, day), name="Festa") for day in (4, 5)]
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    at_desk(cast.ada).post(reverse("admin:contacts_localholiday_changelist"), chosen)
    assert not LocalHoliday.objects.exists()
    assert Activity.objects.filter(verb="localholiday_removed").count() == 2


def test_limits_are_one_row_that_stays(cast: Cast, at_desk: Callable[[User], Browser]) -> None:
    ada = at_desk(cast.ada)
    add = reverse("admin:contacts_contactsettings_add")
    assert ada.get(add).status_code == 200
    ContactSettings.objects.create()
    assert ada.get(add).status_code == 403
    assert ada.post(reverse("admin:contacts_contactsettings_delete", args=[1]), {"post": "yes"}).status_code == 403
    page = ada.get(reverse("contacts:block_list_list")).text
    assert reverse("admin:contacts_contactsettings_change", args=[1]) in page
