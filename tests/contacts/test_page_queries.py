"""No page of contacts asks more than fifteen questions, nor more for many rows than for few (PERFORMANCE)."""

from collections.abc import Callable
from typing import Final

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, ContactPerson, Email, Phone
from contacts.models import BlockList, CallScript, ContactPlan, MessageTemplate, PlanStep, ScriptBlock
from contacts.models.rules import BlockListLoad
from jobs import outbox
from people.models import User
from tests.contacts.planning import enter
from tests.contacts.talking import callback_of, log_of
from tests.factories import Cast, make_client, make_contract, make_product

type AtDesk = Callable[[User], Browser]
pytestmark = pytest.mark.django_db
MOST: Final = 15
# The page, its arguments (c client, p plan, s script, b block list), what follows "?" and whether htmx asks for it.
PAGES: Final = [
    ("contacts:message_compose", "c", "canal=whatsapp&ocasiao=welcome"),
    ("contacts:message_compose", "c", "canal=sms&finalidade=offer"),
    ("contacts:message_compose", "c", "canal=email&ocasiao=welcome"),
    ("contacts:log_create", "c", ""),
    ("contacts:log_gate", "c", "channel=call"),
    ("contacts:contact_links", "c", ""),
    ("contacts:plan_join", "c", ""),
    ("contacts:task_create", "c", ""),
    ("contacts:note_mentions", "c", "q=j"),
    ("contacts:attachment_add", "c", ""),
    ("contacts:plan_list", "", ""),
    ("contacts:plan_detail", "p", ""),
    ("contacts:plan_members", "p", ""),
    ("contacts:plan_edit", "p", ""),
    ("contacts:step_add", "p", ""),
    ("contacts:script_list", "", ""),
    ("contacts:script_detail", "s", ""),
    ("contacts:script_show", "cs", ""),
    ("contacts:template_list", "", ""),
    ("contacts:template_create", "", ""),
    ("contacts:block_list_list", "", ""),
    ("contacts:block_list_detail", "b", ""),
    ("portfolio:coverage_report", "", ""),
    ("jobs:job_list", "", ""),
    ("jobs:message_list", "", ""),
]


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia, person_type="PF", uf="SP")


def test_pages_ask_the_same_however_many_rows(cast: Cast, at_desk: AtDesk, ana: Client) -> None:
    found = {"c": ana.pk, "p": ContactPlan.objects.create(name="Plano").pk}
    found |= {"s": CallScript.objects.create(name="Roteiro").pk, "b": BlockList.objects.create(name="Lista").pk}
    urls = [f"{reverse(name, args=[found[record] for record in records])}?{query}" for name, records, query in PAGES]
    browser = at_desk(cast.ada)

    def counts() -> dict[str, int]:
        return {url: _count(browser, url) for url in urls}

    _rows(cast, ana, found, 1)
    for url in urls:
        # What a process reads once is read by now.
        browser.get(url)
    few = counts()
    _rows(cast, ana, found, 4)
    assert counts() == few
    assert {url: count for url, count in few.items() if count > MOST} == {}


def _count(browser: Browser, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def _rows(cast: Cast, ana: Client, found: dict[str, int], many: int) -> None:
    """`many` of everything that a page may list."""
    today, plan, script = timezone.localdate(), ContactPlan.objects.get(pk=found["p"]), found["s"]
    for at in range(many):
        place = 10 * many + at
        Phone.objects.create(client=ana, e164=f"+55119888877{place}", kind="MOBILE")
        Email.objects.create(client=ana, address=f"ana{place}@exemplo.com.br")
        ContactPerson.objects.create(client=ana, name=f"Pessoa {place}", decides=True)
        make_contract(ana, today, None, product=make_product())
        log_of(ana, cast.julia)
        callback_of(ana, cast.julia)
        PlanStep.objects.create(plan=plan, position=place, offset_days=place, channel="call", title=f"Passo {place}")
        enter(make_client(owner=cast.julia), plan, today, by=cast.julia)
        ScriptBlock.objects.create(script_id=script, kind="offer", text="Olá, {{nome}}", position=place)
        MessageTemplate.objects.create(name=f"A {place}", channel="whatsapp", occasion="welcome", body="Oi, {{nome}}")
        CallScript.objects.create(name=f"Roteiro {place}")
        block_list = BlockList.objects.create(name=f"Lista {place}", loaded_by=cast.ada, loaded_at=timezone.now())
        BlockListLoad.objects.create(
            block_list=block_list, original_name="a.txt", size=1, created_by=cast.ada, lines=0, state="done"
        )
        outbox.put("contact_email", key=f"k{place}", to="a@b.example", subject="a", body="b", by=cast.julia)
