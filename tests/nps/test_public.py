"""The pages of a survey as requests: what they show, keep and refuse; no login, no script, one answer to load."""

import datetime
import gzip
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, ContactPerson
from nps.models import Answer, Invitation, NpsSettings, Opening, Referral
from tests.factories import Cast, make_client
from tests.nps.surveying import make_answer, make_invitation, make_survey, token_for

ROUND_TRIP = 14 * 1024
DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia)


@pytest.fixture
def asked(cast: Cast, ana: Client) -> Invitation:
    return make_invitation(ana, make_survey(cast.mauro, thanks="Até breve, da {{empresa}}.", company="Horizonte"))


@pytest.fixture
def unnamed(cast: Cast, ana: Client) -> Invitation:
    asked_on = timezone.localdate() - DAY
    return make_invitation(ana, make_survey(cast.mauro, is_anonymous=True), asked_on=asked_on)


@pytest.fixture
def stranger() -> Browser:
    return Browser(enforce_csrf_checks=True)


def path(invitation: Invitation, view: str = "answer") -> str:
    return reverse(f"nps:{view}", args=[token_for(invitation)])


def answers() -> list[Answer]:
    return list(Answer.objects.unscoped(reason="test"))


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("</style>")[-1]).split())


@pytest.mark.parametrize("view", ["answer", "stop", "privacy"])
def test_page_is_private_small_and_alone(stranger: Browser, asked: Invitation, view: str) -> None:
    page = stranger.get(path(asked, view))
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert not page.cookies
    assert '<meta name="robots" content="noindex">' in page.text
    assert re.findall(r"<script|\ssrc=|<link(?! rel=\"icon\" href=\"data:,\")|url\(|@import", page.text) == []
    assert set(re.findall(r'href="(?!data:)([^"]*)"', page.text)) <= {
        path(asked, to) for to in ("answer", "stop", "privacy")
    }
    # Even where nothing packs it: what a connection carries before it waits for an answer.
    assert len(page.content) < ROUND_TRIP
    assert len(gzip.compress(page.content)) < ROUND_TRIP / 3


def test_question_names_the_first_name_alone_and_where_it_goes(stranger: Browser, asked: Invitation) -> None:
    page = stranger.get(path(asked), {"n": "9"})
    assert "Olá, Ana. Uma pergunta, menos de um minuto." in words(page)
    assert "recomendaria a Horizonte a um amigo" in words(page)
    assert "Sua nota vai para Júlia Prado, que cuida do seu contrato." in words(page)
    assert "Souza" not in page.text
    assert re.findall(r'value="(\d+)"\s+required\s+checked', page.text) == ["9"]


@pytest.mark.parametrize("chosen", ["", "11", "-1", "1.5", "x", "09", "\x00"])
def test_only_a_score_is_chosen_before(stranger: Browser, asked: Invitation, chosen: str) -> None:
    page = stranger.get(path(asked), {"n": chosen})
    assert (page.status_code, " checked" in page.text) == (200, False)


def test_company_is_greeted_by_who_decides(stranger: Browser, ana: Client, asked: Invitation) -> None:
    ana.person_type = "PJ"
    ana.owner = None
    ana.save()
    assert "Olá" not in words(stranger.get(path(asked)))
    ContactPerson.objects.create(client=ana, name="RUI COSTA", decides=True)
    page = words(stranger.get(path(asked)))
    assert "Olá, Rui." in page
    assert "Sua nota vai para a equipe que cuida do seu contrato." in page


def test_reading_answers_nothing_and_leaves_an_opening(stranger: Browser, asked: Invitation) -> None:
    for score in range(11):
        assert stranger.get(path(asked), {"n": score}).status_code == 200
        stranger.head(path(asked), {"n": score})
        stranger.get(path(asked), {"n": score}, headers={"Sec-Purpose": "prefetch;prerender"})
        stranger.get(path(asked, "stop"))
    asked.refresh_from_db()
    assert (answers(), asked.state) == ([], "asked")
    assert Opening.objects.count() == 11
    assert not asked.client.opt_outs.exists()


def test_posting_answers_and_thanks(stranger: Browser, asked: Invitation) -> None:
    sent = stranger.post(path(asked), {"score": "9", "comment": "Rápido\r\ne claro\x07", "may_call": "on"})
    assert (sent.status_code, sent.headers["Location"]) == (303, path(asked, "thanks"))
    [given] = answers()
    assert (given.score, given.comment, given.may_call) == (9, "Rápido\ne claro", True)
    assert given.device != ""
    thanks = words(stranger.get(path(asked, "thanks")))
    assert "Obrigado, Ana" in thanks
    assert "Sua nota 9 foi registrada. Júlia lê todas as respostas" in thanks
    assert "Até breve, da Horizonte." in thanks
    assert "Indicar um amigo" in thanks


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (6, "Alguém da nossa equipe fala com você em até 3 dias úteis"),
        (8, "Queremos saber o que falta para chegar ao 10"),
    ],
)
def test_thanks_say_what_happens_next(stranger: Browser, asked: Invitation, score: int, said: str) -> None:
    NpsSettings.objects.create(case_days=3)
    page = stranger.post(path(asked), {"score": score}, follow=True)
    assert said in words(page)
    assert "Indicar um amigo" not in words(page)
    assert stranger.post(path(asked, "thanks")).status_code == 404
    assert stranger.get(path(asked, "refer")).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"score": "11"}, {"score": "x"}, {"score": "9", "comment": "a" * 4001}])
def test_refused_answer_keeps_what_was_typed(stranger: Browser, asked: Invitation, sent: dict[str, str]) -> None:
    page = stranger.post(path(asked), {"comment": "Um comentário longo", "may_call": "on"} | sent)
    assert (page.status_code, answers()) == (422, [])
    assert sent.get("comment", "Um comentário longo") in page.text
    assert re.search(r'name="may_call"\s+checked', page.text)
    assert 'role="alert"' in page.text


def test_whoever_comes_back_within_a_day_mends_it(stranger: Browser, asked: Invitation) -> None:
    stranger.post(path(asked), {"score": "3", "comment": "Demorou <b>", "may_call": "on"})
    assert "Sua nota 3 foi registrada" in words(stranger.get(path(asked)))
    again = stranger.get(path(asked), {"mudar": "1"})
    assert re.findall(r'value="(\d+)"\s+required\s+checked', again.text) == ["3"]
    assert "Demorou &lt;b&gt;" in again.text
    assert "Mudar a resposta" in words(again)
    other = stranger.get(path(asked), {"n": "7"})
    assert re.findall(r'value="(\d+)"\s+required\s+checked', other.text) == ["7"]
    stranger.post(path(asked), {"score": "7"})
    assert [(given.score, given.comment, given.edited_at is None) for given in answers()] == [(7, "", False)]


def test_after_a_day_the_answer_is_closed(stranger: Browser, ana: Client, asked: Invitation) -> None:
    make_answer(ana, asked.survey, 9, invitation=asked, answered_at=timezone.now() - DAY)
    for page in (stranger.get(path(asked)), stranger.get(path(asked, "thanks"), follow=True)):
        assert "Sua resposta já está registrada" in words(page)
    late = stranger.post(path(asked), {"score": "1"})
    assert (late.status_code, answers()[0].score) == (HTTPStatus.CONFLICT, 9)


def test_expired_invitation_says_so_and_still_stops(stranger: Browser, cast: Cast, ana: Client) -> None:
    old = make_invitation(ana, make_survey(cast.mauro), asked_on=timezone.localdate() - 31 * DAY)
    assert "Esta pesquisa já terminou" in words(stranger.get(path(old), {"n": "9"}))
    assert stranger.post(path(old), {"score": "9"}).status_code == HTTPStatus.CONFLICT
    assert answers() == []
    assert stranger.post(path(old, "stop")).status_code == 200
    assert ana.opt_outs.exists()


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_posting_stops_at_once_without_a_form(stranger: Browser, asked: Invitation, body: dict[str, str]) -> None:
    assert "Parar de receber pesquisas?" in words(stranger.get(path(asked, "stop")))
    assert "Pedido registrado" in words(stranger.post(path(asked, "stop"), body))
    assert asked.client.opt_outs.get().purpose == "survey"


def test_anonymous_survey_shows_no_name_and_keeps_none(stranger: Browser, unnamed: Invitation) -> None:
    page = stranger.get(path(unnamed))
    assert "Esta pesquisa é anônima" in words(page)
    assert not {"Ana", "Júlia", "may_call"} & set(re.findall(r"\w+", page.text))
    thanks = words(stranger.post(path(unnamed), {"score": "10"}, follow=True))
    assert "Sua nota 10 foi registrada. Ela entra no resultado sem o seu nome" in thanks
    assert "Indicar um amigo" not in thanks
    assert "sem o seu nome, sem a hora" in words(stranger.get(path(unnamed, "privacy")))
    assert answers()[0].client is None
    [opening] = Opening.objects.all()
    assert timezone.localtime(opening.at).isoformat()[:19] == f"{unnamed.asked_on}T00:00:00"
    assert opening.pk > 2**60
    Answer.objects.unscoped(reason="test").update(edit_key="")
    assert "Sua resposta já está registrada" in words(stranger.get(path(unnamed)))


def test_promoter_refers_a_friend(stranger: Browser, asked: Invitation) -> None:
    stranger.post(path(asked), {"score": "10"})
    assert "Avise seu amigo antes" in words(stranger.get(path(asked, "refer")))
    bad = stranger.post(path(asked, "refer"), {"name": "-", "phone": "98765-4321", "email": "bia@"})
    assert bad.status_code == 422
    for said in ("Escreva o nome de quem você indica.", "Falta o DDD do telefone.", "O e-mail não tem um endereço"):
        assert said in words(bad)
    assert 'value="98765-4321"' in bad.text
    friend = {"name": "Bia Lima", "phone": "(11) 98765-4321", "email": ""}
    sent = stranger.post(path(asked, "refer"), friend)
    assert sent.headers["Location"] == f"{path(asked, 'refer')}?feito=1"
    assert "Indicação recebida" in words(stranger.get(sent.headers["Location"]))
    [made] = Referral.objects.unscoped(reason="test")
    assert (made.prospect and made.prospect.owner) == asked.client.owner


def test_page_does_not_tell_who_is_a_client(stranger: Browser, cast: Cast, asked: Invitation) -> None:
    known = make_client("Bia Lima", owner=cast.julia)
    known.phones.create(e164="+5511987654321", kind="MOBILE")
    stranger.post(path(asked), {"score": "10"})
    said = [
        stranger.post(path(asked, "refer"), {"name": name, "phone": phone}, follow=True).content
        for name, phone in (("Bia Lima", "11987654321"), ("Rui Costa", "11987654399"))
    ]
    assert said[0] == said[1]
    assert [made.prospect is None for made in asked.client.referrals.order_by("pk")] == [True, False]


def test_sixth_friend_is_refused(stranger: Browser, asked: Invitation) -> None:
    stranger.post(path(asked), {"score": "10"})
    codes = [
        stranger.post(path(asked, "refer"), {"name": f"Amigo {last}", "phone": f"119876543{last:02}"}).status_code
        for last in range(6)
    ]
    assert codes == [303] * 5 + [HTTPStatus.CONFLICT]


def test_promoter_offers_a_story_once(stranger: Browser, asked: Invitation) -> None:
    stranger.post(path(asked), {"score": "10"})
    for _ in range(2):
        page = words(stranger.post(path(asked, "thanks"), follow=True))
        assert "Combinado" in page
        assert "Contar meu caso de sucesso" not in page
    assert asked.client.tasks.filter(title="Convidar para contar um caso de sucesso").count() == 1


def test_thanks_without_an_answer_lead_to_the_question(stranger: Browser, asked: Invitation) -> None:
    assert stranger.get(path(asked, "thanks")).headers["Location"] == path(asked)
    assert stranger.get(path(asked, "refer")).status_code == 404


def test_privacy_says_who_sees_it(stranger: Browser, asked: Invitation) -> None:
    assert "Júlia Prado, que cuida do seu contrato, e a liderança" in words(stranger.get(path(asked, "privacy")))
