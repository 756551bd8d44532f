"""The words and cadences that come with the installation: correct after DOMAIN 3, and on their days."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from clients.models import Client
from contacts.models import CallScript, ContactPlan, MessageTemplate, PlanMembership, ScriptBlock
from contacts.wording import MARK, VARIABLES
from tests.contacts.planning import MONDAY, contact, day, default, enter
from tests.factories import Cast, make_client

COMPLETE = ["greeting", "identity", "purpose", "questions", "offer", "objections", "closing"]


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="SP")


def of(membership: PlanMembership) -> tuple[Any, ...]:
    """Position of the step, day it is due, state."""
    membership.refresh_from_db()
    return membership.step.position, membership.due_on, membership.state


# --- Words ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_words_know_their_variables_and_offers_name_the_company_and_the_way_out() -> None:
    templates = list(MessageTemplate.objects.all())
    assert len(templates) == 12
    for template in templates:
        marks = set(MARK.findall(template.subject + template.body))
        assert marks <= set(VARIABLES)
        assert "empresa" in marks
        if template.purpose == "offer":
            assert "responda SAIR" in template.body


@pytest.mark.django_db
def test_sms_is_written_without_accents_and_fits_one() -> None:
    for template in MessageTemplate.objects.filter(channel="sms"):
        assert template.body.isascii()
        assert len(template.body) <= 160


@pytest.mark.django_db
def test_scripts_confirm_the_person_before_saying_anything_and_offers_say_the_cost() -> None:
    assert CallScript.objects.count() == 4
    for script in CallScript.objects.prefetch_related("blocks"):
        kinds = [block.kind for block in script.blocks.all()]
        assert kinds == [kind for kind in COMPLETE if kind in kinds]
        assert kinds[:3] == COMPLETE[:3]
        assert not set(MARK.findall(script.blocks.all()[1].text)) - {"primeiro_nome"}
        assert "{{empresa}}" in script.blocks.all()[0].text
    assert all("CET" in block.text for block in ScriptBlock.objects.filter(kind="offer"))
    sells = CallScript.objects.filter(blocks__kind="offer")
    assert sells.count() == 2
    for block in ScriptBlock.objects.filter(script__in=sells, kind="closing"):
        assert "desistir em até 7 dias" in block.text


@pytest.mark.django_db
def test_filling_again_changes_nothing_of_what_was_edited() -> None:
    ContactPlan.objects.filter(name="Reativação").update(rest_days=10)
    default("Reativação").steps.first().delete()
    MessageTemplate.objects.filter(name="Aniversário").update(body="Parabéns, {{nome}}. {{empresa}}")
    before = [list(model.objects.order_by("pk").values()) for model in (ContactPlan, MessageTemplate, ScriptBlock)]
    import_module("contacts.migrations.0003_default_words_and_plans").fill(apps, None)
    after = [list(model.objects.order_by("pk").values()) for model in (ContactPlan, MessageTemplate, ScriptBlock)]
    assert after == before
    assert default("Reativação").steps.count() == 3


# --- Cadences ------------------------------------------------------------------------------------------


def test_reactivation_runs_on_its_days(cast: Cast) -> None:
    client = make_client(owner=cast.julia, uf="SP", portfolio_class="inactive")
    membership = enter(client, default("Reativação"), MONDAY, by=cast.julia)
    days = [of(membership)[:2]]
    contact(client, cast.julia, "sent", MONDAY, channel="whatsapp")
    days.append(of(membership)[:2])
    for on, hour in [(4, 9), (4, 15), (5, 9), (5, 15), (6, 9)]:
        contact(client, cast.julia, "no_answer", day(3, on), hour=hour)
    days.append(of(membership)[:2])
    contact(client, cast.julia, "sent", day(3, 9), channel="email")
    days.append(of(membership)[:2])
    # D+5 is a Saturday.
    assert days == [(1, MONDAY), (2, day(3, 4)), (3, day(3, 9)), (4, day(3, 12))]
    assert default("Reativação").rest_days == 90


def test_renewal_runs_on_its_days(cast: Cast) -> None:
    client = make_client(owner=cast.julia, uf="SP", portfolio_class="renewal")
    # -60 is 1 May, a holiday before a weekend; -30 is a Sunday.
    membership = enter(client, default("Renovação"), day(5, 1), by=cast.julia, anchored_on=day(6, 30))
    days = [of(membership)[:2]]
    for on, code, channel in [
        (day(5, 4), "interested", "call"),
        (day(6, 1), "sent", "whatsapp"),
        (day(6, 15), "interested", "call"),
    ]:
        contact(client, cast.julia, code, on, channel=channel)
        days.append(of(membership)[:2])
    assert days == [(2, day(5, 4)), (3, day(6, 1)), (4, day(6, 15)), (5, day(6, 25))]
    contact(client, cast.julia, "not_now", day(6, 25))
    assert of(membership)[2] == "finished"


def test_welcome_and_check_run_on_their_days(cast: Cast, ana: Client) -> None:
    sold_on = day(3, 6)
    welcome = enter(ana, default("Boas-vindas"), day(3, 7), by=cast.julia, anchored_on=sold_on)
    check = enter(ana, default("Acompanhamento"), day(3, 7), by=cast.julia, anchored_on=sold_on)
    # D+1 is a Saturday; D+30 a Sunday.
    assert (of(welcome)[:2], of(check)[:2]) == ((1, day(3, 9)), (1, day(4, 6)))
    contact(ana, cast.julia, "sent", day(3, 9), channel="whatsapp")
    assert of(welcome)[:2] == (2, day(3, 13))
    contact(ana, cast.julia, "after_sale", day(3, 13))
    assert (of(welcome)[2], of(check)) == ("finished", (1, day(4, 6), "running"))
    contact(ana, cast.julia, "after_sale", day(4, 6))
    assert of(check)[2] == "finished"


def test_birthday_on_a_sunday_is_greeted_on_monday(cast: Cast, ana: Client) -> None:
    membership = enter(ana, default("Aniversário"), day(3, 1), by=cast.julia)
    assert of(membership)[:2] == (1, MONDAY)
