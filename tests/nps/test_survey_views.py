"""Surveys on the screen: written, read, started and stopped by managers; what answers hold stays as it is."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.versions import StaleRecordError
from nps import asking, surveys
from nps.models import NpsSettings, RootCause, Survey
from people.models import Activity
from tests.factories import Cast, browser_of
from tests.nps.asking import caps, mailed
from tests.nps.surveying import make_answer, make_invitation, make_survey

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LIST, NEW = "nps:survey_list", "nps:survey_create"
SURVEY = {
    "name": "Carteira",
    "kind": "relational",
    "company": "",
    "question": "De 0 a 10, você recomendaria a {{empresa}}?",
    "reason_question": "Por quê?",
    "intro": "",
    "thanks": "",
    "first_channel": "email",
    "second_channel": "link",
    "third_channel": "",
    "classes": ["active", "renewal"],
    "pick": "everybody",
    "sample_per_day": "50",
    "interval_days": "180",
    "delay_days": "",
    "reminder_days": "4",
    "valid_days": "30",
}
SETTINGS = {
    "version": "1",
    "throttle_days": "60",
    "per_day": "200",
    "per_hour": "50",
    "first_day": "20",
    "case_days": "2",
    "detractor_days": "180",
    "hidden_below": "5",
    "warned_below": "30",
    "networks": "200.10.20.7/24\n2001:db8::/32",
}


def page(user: Any, name: str, *args: Any, **query: Any) -> str:
    response = browser_of(user).get(reverse(name, args=args), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def post(user: Any, name: str, *args: Any, data: Any = None, htmx: bool = False) -> Any:
    return browser_of(user).post(reverse(name, args=args), data or {}, headers=HTMX if htmx else {})


def notice(response: Any) -> Any:
    return json.loads(response.headers["HX-Trigger"])["aviso"]


# --- Writing -------------------------------------------------------------------------------------------


def test_new_survey_waits_until_somebody_starts_it(cast: Cast) -> None:
    assert "Vendedores nunca escolhem quem é perguntado." in page(cast.mauro, NEW)
    made = post(cast.mauro, NEW, data={**SURVEY, "third_channel": "email", "form_key": "k1"})
    survey = Survey.objects.get()
    assert (made.status_code, made.headers["Location"]) == (303, reverse("nps:survey_detail", args=[survey.pk]))
    assert (survey.channels, survey.classes, survey.is_active) == (["email", "link"], ["active", "renewal"], False)
    assert (survey.created_by, survey.delay_days) == (cast.mauro, 7)
    again = post(cast.mauro, NEW, data={**SURVEY, "name": "Outra", "form_key": "k1"})
    assert (again.headers["Location"], Survey.objects.count()) == (reverse(LIST), 1)


@pytest.mark.parametrize(("kind", "delay", "days"), [("sale", "", 7), ("service", "", 1), ("service", "3", 3)])
def test_delay_follows_the_kind_unless_said(cast: Cast, kind: str, delay: str, days: int) -> None:
    post(cast.mauro, NEW, data={**SURVEY, "kind": kind, "delay_days": delay, "classes": [], "form_key": "k"})
    assert Survey.objects.get().delay_days == days


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"classes": []}, "Escolha ao menos uma carteira para perguntar."),
        ({"reminder_days": "30"}, "O lembrete precisa sair antes de o link vencer."),
        ({"name": "SATISFAÇÃO  geral"}, "Já existe uma pesquisa com este nome. Escolha outro."),
        ({"valid_days": "91"}, "menor ou igual a 90"),
        ({"delay_days": "x"}, "Informe um número inteiro"),
        ({"classes": ["x"], "valid_days": ""}, "Faça uma escolha válida"),
    ],
)
def test_form_says_what_to_mend(cast: Cast, changes: dict[str, Any], said: str) -> None:
    make_survey(cast.mauro, name="Satisfação geral")
    response = post(cast.mauro, NEW, data={**SURVEY, **changes, "form_key": "k"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Survey.objects.count() == 1


def test_edit_is_saved_and_a_lost_one_is_shown(cast: Cast) -> None:
    survey = make_survey(cast.mauro, name="Carteira")
    assert "Editar pesquisa" in page(cast.mauro, "nps:survey_edit", survey.pk)
    data = {**SURVEY, "version": "1", "classes": ["inactive"], "delay_days": "7"}
    saved = post(cast.mauro, "nps:survey_edit", survey.pk, data=data, htmx=True)
    assert notice(saved)["text"] == "Pesquisa Carteira salva."
    survey.refresh_from_db()
    assert (survey.classes, survey.version) == (["inactive"], 2)
    lost = post(cast.norma, "nps:survey_edit", survey.pk, data={**data, "classes": ["active"]}, htmx=True)
    assert lost.status_code == 409
    assert "Outra pessoa salvou antes de você" in lost.content.decode()
    assert Activity.objects.filter(verb="survey_edited").count() == 1


def test_answers_hold_question_kind_and_anonymity(cast: Cast) -> None:
    survey = make_survey(cast.mauro, name="Carteira", question="Antes?")
    make_answer(mailed("Ana", cast.julia), survey, 9)
    assert "Para perguntar outra coisa, crie outra pesquisa." in page(cast.mauro, "nps:survey_edit", survey.pk)
    data = {**SURVEY, "version": "1", "question": "Depois?", "kind": "sale", "is_anonymous": "on", "intro": "Oi."}
    post(cast.mauro, "nps:survey_edit", survey.pk, data=data, htmx=True)
    survey.refresh_from_db()
    assert (survey.question, survey.kind, survey.is_anonymous, survey.intro) == ("Antes?", "relational", False, "Oi.")


def test_held_question_is_refused_by_the_rule_itself(cast: Cast) -> None:
    survey = make_survey(cast.mauro)
    make_answer(mailed("Ana", cast.julia), survey, 9)
    with pytest.raises(surveys.HeldError, match="question"):
        surveys.edit(survey, {"question": "Depois?"}, version=1, by=cast.mauro)


def test_survey_stays_as_anonymous_as_whoever_was_asked_reads(cast: Cast) -> None:
    survey = make_survey(cast.mauro, name="Carteira", question="Antes?", is_anonymous=True)
    make_invitation(mailed("Ana", cast.julia), survey, state="waiting")
    data = {**SURVEY, "version": "1", "question": "Depois?"}
    post(cast.mauro, "nps:survey_edit", survey.pk, data=data, htmx=True)
    survey.refresh_from_db()
    assert (survey.question, survey.is_anonymous) == ("Depois?", True)


def test_survey_is_started_stopped_and_undone(cast: Cast) -> None:
    survey = make_survey(cast.mauro, name="Carteira", is_active=False)
    started = post(cast.mauro, "nps:survey_toggle", survey.pk, htmx=True)
    assert notice(started)["text"] == "Pesquisa Carteira iniciada."
    survey.refresh_from_db()
    assert (survey.is_active, survey.version) == (True, 2)
    stopped = browser_of(cast.mauro).post(notice(started)["undo_url"], headers=HTMX)
    assert notice(stopped)["text"] == "Pesquisa Carteira parada. O que esperava na fila não sai."
    verbs = Activity.objects.filter(verb__startswith="survey_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["survey_started", "survey_stopped"]


# --- Reading -------------------------------------------------------------------------------------------


def test_empty_list_has_a_way_on(cast: Cast) -> None:
    text = page(cast.mauro, LIST)
    assert "Nenhuma pesquisa ainda" in text
    assert reverse(NEW) in text


def test_list_says_what_runs_and_what_became_of_it(cast: Cast) -> None:
    running, by_hand = make_survey(cast.mauro, name="A"), make_survey(cast.mauro, name="B", channels=["link"])
    make_survey(cast.mauro, name="C", is_active=False, is_anonymous=True)
    for place, state in enumerate(["asked", "answered", "waiting", "failed"]):
        make_invitation(mailed(f"Cliente {place}", cast.julia), running, state=state)
    text = page(cast.mauro, LIST)
    assert text.index("Só à mão") < text.index("Inicie para perguntar")
    assert [reverse("nps:survey_detail", args=[one.pk]) in text for one in (running, by_hand)] == [True, True]
    assert '>2<span class="only-m"> perguntados em 30 dias' in text
    assert '>1<span class="only-m"> responderam' in text


def test_list_asks_the_same_for_many(cast: Cast) -> None:
    def asked() -> int:
        browser = browser_of(cast.mauro)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse(LIST))
        return len(queries)

    make_survey(cast.mauro)
    one = asked()
    for _ in range(3):
        make_survey(cast.mauro)
    assert asked() == one


def test_page_shows_rules_words_and_numbers(cast: Cast) -> None:
    caps(first_day=10)
    survey = make_survey(cast.mauro, company="Casa", pick="random", sample_per_day=1, channels=["email", "link"])
    mailed("Ana", cast.julia)
    make_invitation(mailed("Bia", cast.julia), survey, state="waiting")
    text = page(cast.mauro, "nps:survey_detail", survey.pk)
    next_on = asking.next_day(timezone.localdate())
    assert f"Próximo envio em {next_on.day} " in text
    assert "até 20 perguntas, somando as pesquisas." in text
    for said in ("1 sorteado por dia", "E-mail, Link à mão", "Ativa, Renovação", "depois de 180 dias", "um, depois de"):
        assert said in text
    assert "Olá, Ana. Aqui é Casa." in text
    assert "/p/…/?n=10" in text
    assert 'Elegíveis hoje</dt> <dd class="tnum"> 1 </dd>' in text
    assert f"{reverse('nps:by_hand')}?pesquisa={survey.pk}" in text


def test_page_of_other_surveys_says_how_they_differ(cast: Cast) -> None:
    sale = make_survey(cast.mauro, kind="sale", is_active=False, is_anonymous=True, reminder_days=0)
    text = page(cast.mauro, "nps:survey_detail", sale.pk)
    for said in ("Parada: ninguém é perguntado.", "7 dias depois do fato", "sem lembrete", "anônima", "por rodízio"):
        assert said in text
    by_hand = make_survey(cast.mauro, channels=["link"])
    assert "Esta pesquisa sai só à mão" in page(cast.mauro, "nps:survey_detail", by_hand.pk)


def test_htmx_takes_the_part_that_changes(cast: Cast) -> None:
    survey = make_survey(cast.mauro)
    response = browser_of(cast.mauro).get(reverse("nps:survey_detail", args=[survey.pk]), headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="pesquisa"')


def test_only_who_runs_surveys_sees_them(cast: Cast) -> None:
    survey = make_survey(cast.mauro)
    urls = [reverse(LIST), reverse(NEW), reverse("nps:survey_detail", args=[survey.pk]), reverse("nps:settings_edit")]
    for user in (cast.davi, cast.sonia, cast.bento, cast.aurora):
        assert [browser_of(user).get(url).status_code for url in urls] == [403] * 4


# --- What holds for all --------------------------------------------------------------------------------


def test_parameters_are_saved_once_per_version(cast: Cast) -> None:
    assert "Parâmetros das pesquisas" in page(cast.mauro, "nps:settings_edit")
    saved = post(cast.mauro, "nps:settings_edit", data=SETTINGS, htmx=True)
    assert notice(saved)["text"] == "Parâmetros salvos."
    now = NpsSettings.current()
    assert (now.throttle_days, now.networks, now.version) == (60, ["200.10.20.0/24", "2001:db8::/32"], 2)
    lost = post(cast.ada, "nps:settings_edit", data={**SETTINGS, "per_day": "1"}, htmx=True)
    assert lost.status_code == 409
    with pytest.raises(StaleRecordError):
        surveys.edit_settings({"per_day": 1}, version=1, by=cast.ada)
    assert "200.10.20.0/24" in page(cast.mauro, "nps:settings_edit")
    told = Activity.objects.get(verb="survey_settings_edited")
    assert told.changes["before"]["throttle_days"] == "90"


def test_network_that_is_none_is_refused(cast: Cast) -> None:
    response = post(cast.mauro, "nps:settings_edit", data={**SETTINGS, "networks": "escritório"}, htmx=True)
    assert response.status_code == 422
    assert "Uma rede não foi entendida." in response.content.decode()


def test_root_causes_are_kept_in_the_admin(cast: Cast) -> None:
    ada = browser_of(cast.ada)
    data = {"name": "Fila longa", "position": "5", "is_active": "on"}
    assert ada.post(reverse("admin:nps_rootcause_add"), data).status_code == 302
    cause = RootCause.objects.get(name="Fila longa")
    change = reverse("admin:nps_rootcause_change", args=[cause.pk])
    assert ada.post(change, {**data, "position": "6"}).status_code == 302
    assert ada.get(reverse("admin:nps_rootcause_delete", args=[cause.pk])).status_code == 403
    verbs = Activity.objects.filter(verb__startswith="rootcause_").order_by("pk")
    assert [line.verb for line in verbs] == ["rootcause_added", "rootcause_changed"]
