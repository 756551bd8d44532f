"""Results and answers on the screen."""

import datetime
import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from nps.models import Answer, Survey
from tests.factories import Cast, browser_of, make_client
from tests.nps.surveying import make_answer, make_survey

RESULTS, ANSWERS = "/pesquisas/resultados/", "/pesquisas/respostas/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="PR")


def answer(client: Client, survey: Survey, *scores: int, days: int = 0, **fields: Any) -> list[Answer]:
    at = timezone.now() - datetime.timedelta(days=days)
    return [make_answer(client, survey, score, answered_at=at, **fields) for score in scores]


def text_of(browser: Browser, address: str, **data: Any) -> str:
    response = browser.get(address, data)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_without_a_survey_whoever_runs_them_is_led_to_them(cast: Cast) -> None:
    assert "Nenhuma pesquisa ainda" in text_of(browser_of(cast.mauro), RESULTS)
    assert "Criar uma pesquisa" not in text_of(browser_of(cast.julia), RESULTS)
    assert "Nenhuma resposta neste período" in text_of(browser_of(cast.julia), ANSWERS)


def test_without_answers_the_page_says_how_to_begin(cast: Cast, survey: Survey) -> None:
    assert "Nenhuma resposta ainda" in text_of(browser_of(cast.mauro), RESULTS)


def test_title_says_what_was_found(cast: Cast, survey: Survey, ana: Client) -> None:
    sonia = browser_of(cast.sonia)
    answer(ana, survey, 10, 10, 10, 8)
    assert "4 respostas em 90 dias: amostra insuficiente para uma nota." in text_of(sonia, RESULTS)

    answer(ana, survey, 10, 10, 10, 8, 8, 0)
    page = text_of(sonia, RESULTS)
    assert "NPS <strong>+50</strong>, entre 0 e +77, de 10 respostas em 90 dias" in page
    assert "faltam respostas do período anterior para comparar." in page
    assert "60% promotores, 30% neutros, 10% detratores" in page
    assert "Amostra pequena" in page

    answer(ana, survey, 10, 10, 10, 8, 0, days=100)
    assert "não dá para dizer que mudou." in text_of(sonia, RESULTS)
    answer(ana, survey, *[0] * 20, days=100)
    assert "subiu de −72." in text_of(sonia, RESULTS)
    answer(ana, survey, *[0] * 80)
    answer(ana, survey, *[10] * 99, days=100)
    assert "caiu de +65." in text_of(sonia, RESULTS)


def test_page_shows_groups_themes_funnel_and_what_to_check(cast: Cast, survey: Survey, ana: Client) -> None:
    answer(ana, survey, 2, 3, 4, 5, 9, comment="Demora na entrega")
    answer(ana, survey, 10, flags=["same_device"])
    answer(ana, survey, *[10] * 5, by=cast.bento, channel="phone")
    answer(make_client(owner=cast.caio, uf="SC"), survey, *[10] * 30)

    page = text_of(browser_of(cast.sonia), RESULTS)

    assert "Abaixo dos demais: Júlia Prado" in page
    assert f"recorte=vendedor:{cast.julia.pk}" in page
    assert "demora na entrega (5, 4 detratores)" in page
    assert "1 resposta para conferir" in page
    assert "5 respostas anotadas por telefone pela equipe: +100. As demais: +78." in page
    assert "100% de 41 perguntas viraram resposta" in page
    assert "Abaixo dos demais: PR" in text_of(browser_of(cast.sonia), RESULTS, por="uf")
    assert "Nenhuma diferença segura por produto" in text_of(browser_of(cast.sonia), RESULTS, por="produto")


def test_seller_sees_closed_months_of_their_own(cast: Cast, survey: Survey, ana: Client) -> None:
    julia, today = browser_of(cast.julia), timezone.localdate()
    last = today.replace(day=1) - datetime.timedelta(days=1)
    answer(ana, survey, 0, comment="deste mês", flags=["near_contact"])
    make_answer(ana, survey, 10, answered_on=last, comment="do mês passado", flags=["near_contact"])

    page, listed = text_of(julia, RESULTS), text_of(julia, ANSWERS)

    assert "1 resposta nos 90 dias até" in page
    assert "Você vê os meses fechados, até" in page
    assert "para conferir</a>" not in page
    assert "do mês passado" in listed
    assert "deste mês" not in listed
    assert "Menos de um minuto" not in listed
    assert "Menos de um minuto" in text_of(browser_of(cast.sonia), ANSWERS)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"serie": "x", "periodo": "9999-99", "por": "?", "pagina": "x"},
        {"serie": "\x00", "recorte": "uf:PR\x00"},
    ],
)
def test_unknown_words_in_the_address_mean_the_first_choice(
    cast: Cast, survey: Survey, ana: Client, asked: dict[str, str]
) -> None:
    answer(ana, survey, *[10] * 5)

    assert "em 90 dias" in text_of(browser_of(cast.sonia), RESULTS, **asked)
    assert "Ana Lima" in text_of(browser_of(cast.sonia), ANSWERS, **asked)


def test_series_and_period_are_chosen(cast: Cast, survey: Survey, ana: Client) -> None:
    other, sale = make_survey(cast.mauro, name="Segunda"), make_survey(cast.mauro, kind=Survey.Kind.SALE)
    answer(ana, survey, *[10] * 5)
    answer(ana, other, *[0] * 6)
    answer(ana, sale, *[7] * 7, days=200)
    sonia, month = browser_of(cast.sonia), timezone.localdate().strftime("%Y-%m")

    assert "de 11 respostas em 90 dias" in text_of(sonia, RESULTS)
    assert "de 6 respostas em 90 dias" in text_of(sonia, RESULTS, serie=str(other.pk))
    assert "Nenhuma resposta em 90 dias." in text_of(sonia, RESULTS, serie="sale")
    assert "de 7 respostas em 12 meses" in text_of(sonia, RESULTS, serie="sale", periodo="12m")
    assert "de 5 respostas em " in text_of(sonia, RESULTS, serie=str(survey.pk), periodo=month)


def test_list_tells_who_said_what(cast: Cast, survey: Survey, ana: Client) -> None:
    answer(ana, survey, 3, comment="Demora <b>", may_call=True, flags=["same_device"], by=cast.bento, channel="phone")
    out = answer(ana, survey, 8)[0]
    out.left_out_by, out.left_out_why = cast.mauro, "Repetida"
    out.save()

    page = text_of(browser_of(cast.sonia), ANSWERS)

    for said in (
        f'href="{ana.get_absolute_url()}">Ana Lima</a>',
        "Demora &lt;b&gt;",
        "Pode ligar",
        "Várias respostas do mesmo aparelho",
        "por telefone, anotada por Bento Sá",
        "Detrator<b>3</b>",
        "Fora da nota, por Mauro Telles: Repetida",
        "Contar de novo",
        "2 respostas em 90 dias",
    ):
        assert said in page


def test_list_is_narrowed_by_its_form_and_by_a_row_of_the_report(cast: Cast, survey: Survey, ana: Client) -> None:
    answer(ana, survey, 3, comment="Demora")
    answer(ana, survey, 9, comment="Preço", flags=["sudden_tens"])
    sonia = browser_of(cast.sonia)

    assert "1 resposta em" in text_of(sonia, ANSWERS, grupo="detractor")
    assert "1 resposta em" in text_of(sonia, ANSWERS, so="conferir")
    assert "Nenhuma resposta com estes filtros" in text_of(sonia, ANSWERS, so="fora")
    assert "Preço" in text_of(sonia, ANSWERS, tema="preco")
    assert "Nenhuma resposta com estes filtros" in text_of(sonia, ANSWERS, tema="fila")
    assert "Só as de Júlia Prado." in text_of(sonia, ANSWERS, recorte=f"vendedor:{cast.julia.pk}")
    assert "Nenhuma resposta com estes filtros" in text_of(sonia, ANSWERS, recorte="vendedor:x")
    assert "Só as de" not in text_of(browser_of(cast.julia), ANSWERS, recorte=f"vendedor:{cast.caio.pk}")
    rows = sonia.get(ANSWERS, headers=HTMX).content.decode()
    assert rows.lstrip().startswith('<div id="answer-rows"')


def test_anonymous_answers_name_nobody(cast: Cast, ana: Client) -> None:
    secret = make_survey(cast.mauro, is_anonymous=True)
    answer(ana, secret, *[4] * 5, comment="segredo")

    page = text_of(browser_of(cast.sonia), ANSWERS)

    assert page.count("segredo") == 5
    assert "Anônima" in page
    assert "Ana Lima" not in page
    assert "Júlia Prado" not in page


def test_leader_leaves_an_answer_out_and_puts_it_back(cast: Cast, survey: Survey, ana: Client) -> None:
    (said,) = answer(ana, survey, 10)
    sonia, url = browser_of(cast.sonia), f"{ANSWERS}{answer(ana, survey, 9)[0].pk}/fora/"
    out, back = f"{ANSWERS}{said.pk}/fora/", f"{ANSWERS}{said.pk}/de-volta/"

    assert "Não contar esta resposta" in text_of(sonia, url)
    assert sonia.post(out, {"why": ""}, headers=HTMX).status_code == 422
    left = sonia.post(out, {"why": "Do vendedor"}, headers=HTMX)
    assert left.status_code == 204
    assert json.loads(left.headers["HX-Trigger"])["aviso"]["undo_url"] == back
    assert "1 resposta fora da nota" in text_of(sonia, RESULTS)
    said.refresh_from_db(from_queryset=Answer.objects.unscoped(reason="test"))
    assert (said.left_out_by, said.left_out_why) == (cast.sonia, "Do vendedor")
    assert sonia.post(back).status_code == 303
    said.refresh_from_db(from_queryset=Answer.objects.unscoped(reason="test"))
    assert said.left_out_by is None


@pytest.mark.parametrize(("who", "status"), [("julia", 403), ("aurora", 403), ("norma", 404), ("mauro", 200)])
def test_only_leaders_who_see_the_client_decide(cast: Cast, survey: Survey, ana: Client, who: str, status: int) -> None:
    (said,) = answer(ana, survey, 10)

    assert browser_of(getattr(cast, who)).get(f"{ANSWERS}{said.pk}/fora/").status_code == status


def test_pages_ask_the_same_however_many_answers(
    cast: Cast, survey: Survey, ana: Client, django_assert_max_num_queries: Any
) -> None:
    answer(ana, survey, *range(11), comment="Demora na entrega")
    sonia = browser_of(cast.sonia)
    sonia.get(RESULTS)

    with django_assert_max_num_queries(16):
        sonia.get(RESULTS)
    with django_assert_max_num_queries(12):
        sonia.get(ANSWERS)
