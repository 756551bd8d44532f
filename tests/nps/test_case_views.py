"""Cases at the screen: what the seller sees at once, what whoever leads does with them."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from nps import cases
from nps.models import Case, Survey
from tests.contacts.talking import log_of
from tests.factories import Cast, browser_of, make_client
from tests.nps.following import TUESDAY, case_of, change, close, follow, make_cause
from tests.nps.surveying import make_survey

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia, uf="SP")


@pytest.fixture
def case(ana: Client, survey: Survey) -> Case:
    follow(ana, survey, 3, comment="Demorou demais", may_call=True)
    return case_of(ana)


def url(name: str, case: Case) -> str:
    return reverse(f"nps:{name}", args=[case.pk])


def page(browser: Browser, address: str, **asked: str) -> str:
    answer = browser.get(address, asked)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def ending(case: Case, **said: Any) -> dict[str, Any]:
    return {"solved": "1", "cause": make_cause().pk, "action": "Entregue.", "version": case.version, **said}


# --- The list


def test_list_tells_cases_by_where_they_stand(cast: Cast, survey: Survey, case: Case) -> None:
    late, spoken, closed = (make_client(name, owner=cast.julia) for name in ("Atrasada", "Falada", "Fechada"))
    for client in (late, spoken, closed):
        follow(client, survey, 1, on=TUESDAY)
    log_of(spoken, cast.julia)
    close(case_of(closed), by=cast.sonia)
    browser, address = browser_of(cast.sonia), reverse("nps:case_list")
    running, overdue, ended = (page(browser, address, situacao=name) for name in ("", "atrasados", "encerrados"))
    names = ("Ana", "Atrasada", "Falada", "Fechada")
    for shown, expected in ((running, names[:3]), (overdue, names[1:2]), (ended, names[3:])):
        assert tuple(name for name in names if f">{name}</a>" in shown) == expected
    assert 'class="err"' in overdue
    assert "Demora" in ended
    assert 'aria-current="page">Abertos' in page(browser, address, situacao="outra")


def test_list_is_of_those_one_sees_or_settles(cast: Cast, case: Case) -> None:
    address = reverse("nps:case_list")
    for person, asked, sees in (
        (cast.julia, {}, True),
        (cast.caio, {}, False),
        (cast.davi, {}, False),
        (cast.sonia, {"de": "meus"}, True),
        (cast.mauro, {"de": "meus"}, False),
        (cast.mauro, {}, True),
        (cast.aurora, {}, True),
    ):
        shown = page(browser_of(person), address, **asked)
        assert (">Ana</a>" in shown) is sees
        assert ("Nenhum caso aberto" in shown) is not sees
    assert "Nenhum caso atrasado" in page(browser_of(cast.caio), address, situacao="atrasados")
    assert "Nenhum caso encerrado" in page(browser_of(cast.caio), address, situacao="encerrados")
    rows = browser_of(cast.julia).get(address, **HTMX).content.decode()
    assert rows.lstrip().startswith('<div id="case-rows"')


def test_list_asks_as_much_for_many(cast: Cast, survey: Survey, case: Case) -> None:
    browser, address = browser_of(cast.sonia), reverse("nps:case_list")
    browser.get(address)
    counts = []
    for more in (0, 3):
        for _each in range(more):
            follow(make_client(owner=cast.julia), survey, 1)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- One case


def test_seller_sees_the_case_and_may_only_note(cast: Cast, case: Case) -> None:
    browser = browser_of(cast.julia)
    shown = page(browser, url("case_detail", case))
    for words in ("Demorou demais", "Deu nota 3", "Sônia Reis", "Aceita uma ligação", "Anotar", "Falar com o cliente"):
        assert words in shown
    assert "Encerrar caso" not in shown
    for name in ("case_contacted", "case_hand_over", "case_resolve", "case_reopen"):
        assert browser.post(url(name, case), ending(case)).status_code == 403
    assert browser.post(url("case_note", case), {"text": "Ligue à tarde", "form_key": "k"}).status_code == 303
    assert "Ligue à tarde" in page(browser, url("case_detail", case))


def test_seller_reads_a_better_score_after_the_month(cast: Cast, case: Case) -> None:
    case.answer.comment = "Já resolveram"
    change(case.answer, 9)
    for who, is_told in ((cast.julia, False), (cast.sonia, True)):
        listed = page(browser_of(who), reverse("nps:case_list"))
        shown = page(browser_of(who), url("case_detail", case))
        told = ["</span>9</td>" in listed, "Deu nota 9" in shown, "Já resolveram" in shown]
        assert told == [is_told] * 3
        assert ("nota visível a partir de" in shown) != is_told
        assert "Não escreveu" not in shown


def test_auditor_reads_and_outsiders_find_nothing(cast: Cast, case: Case) -> None:
    assert "Anotar" not in page(browser_of(cast.aurora), url("case_detail", case))
    for name in ("case_detail", "case_note"):
        assert browser_of(cast.davi).get(url(name, case)).status_code == 404
    for name in ("case_contacted", "case_hand_over", "case_resolve", "case_reopen"):
        assert browser_of(cast.norma).post(url(name, case), ending(case)).status_code == 404


def test_nobody_acts_on_an_own_case(cast: Cast, survey: Survey) -> None:
    client = make_client(owner=cast.sonia)
    follow(client, survey, 0)
    browser, own = browser_of(cast.sonia), case_of(client)
    for name in ("case_hand_over", "case_resolve"):
        assert browser.get(url(name, own)).status_code == 403
    assert browser.post(url("case_contacted", own)).status_code == 403
    assert "Encerrar caso" not in page(browser, url("case_detail", own))


def test_supervisor_talks_hands_on_and_closes(cast: Cast, case: Case) -> None:
    browser = browser_of(cast.sonia)
    assert browser.post(url("case_contacted", case), **HTMX).status_code == 204
    assert "Em conversa" in page(browser, url("case_detail", case))
    case.refresh_from_db()
    handing = {"person": cast.bento.pk, "version": case.version}
    assert "Bento Sá" in page(browser, url("case_hand_over", case))
    assert browser.post(url("case_hand_over", case), handing, **HTMX).status_code == 204
    case.refresh_from_db()
    assert case.assignee == cast.bento
    assert browser.post(url("case_resolve", case), ending(case)).status_code == 303
    shown = page(browser, url("case_detail", case))
    for words in ("Resolvido", "Demora", "Entregue.", "Abrir de novo", "Caso encerrado", "Passou para outra pessoa"):
        assert words in shown
    assert browser.post(url("case_reopen", case), **HTMX).status_code == 204
    case.refresh_from_db()
    assert case.is_running


@pytest.mark.parametrize("missing", ["solved", "cause", "action"])
def test_end_needs_how_why_and_what(cast: Cast, case: Case, missing: str) -> None:
    said = ending(case) | {missing: ""}
    assert browser_of(cast.sonia).post(url("case_resolve", case), said, **HTMX).status_code == 422
    case.refresh_from_db()
    assert case.is_running


def test_case_is_not_handed_to_its_seller(cast: Cast, case: Case) -> None:
    handing = {"person": cast.julia.pk, "version": case.version}
    assert browser_of(cast.sonia).post(url("case_hand_over", case), handing, **HTMX).status_code == 422


def test_edits_of_two_are_shown_side_by_side(cast: Cast, case: Case) -> None:
    read = case.version
    cases.hand_to(case, cast.bento, by=cast.mauro)
    browser = browser_of(cast.sonia)
    for name, said in (
        ("case_resolve", ending(case, version=read)),
        ("case_hand_over", {"person": cast.mauro.pk, "version": read}),
    ):
        answer = browser.post(url(name, case), said, **HTMX)
        assert answer.status_code == 409
        assert "Outra pessoa salvou antes de você" in answer.content.decode()


def test_what_the_rule_refuses_is_said(cast: Cast, ana: Client, survey: Survey, case: Case) -> None:
    browser = browser_of(cast.sonia)
    close(case, by=cast.mauro)
    answer = browser.post(url("case_resolve", case), ending(case), **HTMX)
    assert (answer.status_code, "já foi encerrado" in answer.content.decode()) == (422, True)
    follow(ana, survey, 2)
    assert "Outro caso" in browser.post(url("case_reopen", case), follow=True).content.decode()


def test_case_without_words_or_hands_is_told_so(cast: Cast, ana: Client, case: Case) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Case.objects.unscoped(reason="test").update(answer=None, assignee=None, due_on=yesterday)
    shown = page(browser_of(cast.sonia), url("case_detail", case))
    assert "Não escreveu o motivo" in shown
    assert "Atrasado" in shown
    cases.escalate(case_of(ana))
    assert "sem conversa" in page(browser_of(cast.sonia), url("case_detail", case))
    close(case_of(ana), by=cast.mauro, solved=False)
    assert "Encerrado sem solução" in page(browser_of(cast.sonia), url("case_detail", case))
