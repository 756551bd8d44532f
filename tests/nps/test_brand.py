"""The company's logo: sent by who runs surveys, shown on their pages, fetched by letters, taken away again."""

import json
import re
from base64 import b64decode
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from carteira.demo.logo import put_logo
from clients.models import Client
from nps import brand, letters, pictures
from nps.letter_style import STYLE
from nps.models import Brand, NpsSettings
from people.models import Activity
from tests.factories import Cast, browser_of, make_client
from tests.nps.pictures import drawing, file_of, file_with
from tests.nps.surveying import make_invitation, make_survey, token_for
from tests.nps.test_public import ROUND_TRIP
from tests.nps.test_survey_views import SETTINGS, page, post
from tests.project.sources import ROOT

pytestmark = pytest.mark.django_db
EDIT = "nps:settings_edit"
FETCH = "nps:brand"


def put(cast: Cast, width: int = 640) -> Brand:
    return brand.put(pictures.drawn(file_of(drawing(width))), by=cast.mauro)


def send(user: Any, version: int = 1, **data: Any) -> Any:
    return post(user, EDIT, data={**SETTINGS, "version": str(version), **data}, htmx=True)


def told() -> list[str]:
    return list(Activity.objects.filter(verb__startswith="survey_logo").order_by("pk").values_list("verb", flat=True))


# --- In the parameters ---------------------------------------------------------------------------------


def test_logo_is_put_replaced_and_removed(cast: Cast) -> None:
    assert "remove_logo" not in page(cast.mauro, EDIT)
    put_in = send(cast.mauro, logo=file_of(drawing()))
    assert json.loads(put_in.headers["HX-Trigger"])["aviso"]["text"] == "Parâmetros salvos."
    first = Brand.objects.get()
    text = page(cast.mauro, EDIT)
    assert f'src="{first.data}" width="192" height="48"' in text
    assert "Remover o logotipo" in text
    send(cast.ada, 2, logo=file_of(drawing(80, 40), "WEBP"), remove_logo="on")
    second = Brand.objects.get()
    assert second.digest != first.digest
    assert (second.shown_width, second.shown_height, NpsSettings.current().throttle_days) == (80, 40, 60)
    for version in (3, 4):
        assert send(cast.mauro, version, remove_logo="on").status_code == HTTPStatus.NO_CONTENT
    assert not Brand.objects.exists()
    assert told() == ["survey_logo_put", "survey_logo_put", "survey_logo_removed"]


def test_parameters_alone_leave_the_logo(cast: Cast) -> None:
    put(cast)
    send(cast.mauro)
    assert (Brand.objects.count(), told()) == (1, ["survey_logo_put"])


def test_lost_edit_changes_no_logo(cast: Cast) -> None:
    send(cast.mauro)
    lost = send(cast.ada, logo=file_of(drawing()))
    assert lost.status_code == HTTPStatus.CONFLICT
    assert "logo.png" in lost.text
    assert "o navegador pede o arquivo de novo" in lost.text
    assert (Brand.objects.exists(), told()) == (False, [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg/>", "O logotipo precisa ser uma imagem PNG, JPEG ou WebP."),
        (bytes(pictures.MOST_BYTES + 1), "O logotipo passa de 2 MB. Exporte uma versão menor."),
        (b"", "O logotipo está vazio. Escolha outro arquivo."),
    ],
)
def test_bad_file_is_refused_with_a_way_out(cast: Cast, content: bytes, said: str) -> None:
    response = send(cast.mauro, logo=file_with(content))
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in response.text
    assert (Brand.objects.exists(), NpsSettings.current().version) == (False, 1)


def test_others_send_no_logo(cast: Cast) -> None:
    for user in (cast.davi, cast.sonia, cast.bento, cast.aurora):
        assert send(user, logo=file_of(drawing())).status_code == HTTPStatus.FORBIDDEN
    assert not Brand.objects.exists()


def test_survey_shows_it_above_its_letter(cast: Cast) -> None:
    survey = make_survey(cast.mauro)
    assert "data:image" not in page(cast.mauro, "nps:survey_detail", survey.pk)
    assert put(cast).data in page(cast.mauro, "nps:survey_detail", survey.pk)


def test_mark_of_the_demo_company_fits(cast: Cast) -> None:
    put_logo(by=cast.ada)
    assert len(Brand.objects.get().webp) < pictures.WANTED_BYTES


# --- On the pages of clients ---------------------------------------------------------------------------


@pytest.fixture
def asked(cast: Cast) -> str:
    invitation = make_invitation(make_client("Ana Souza", owner=cast.julia), make_survey(cast.mauro, company="Casa"))
    return reverse("nps:answer", args=[token_for(invitation)])


def test_page_comes_with_the_logo_in_one_round_trip(cast: Cast, asked: str) -> None:
    stored = put(cast)
    shown = Browser().get(asked)
    [source] = re.findall(r'<img src="data:image/webp;base64,([^"]+)"', shown.text)
    assert b64decode(source) == stored.webp
    assert re.search(r'height="48"\s+alt=""', shown.text)
    assert ("<svg" in shown.text, "Casa" in shown.text) == (False, True)
    assert "img-src data:" in shown.headers["Content-Security-Policy"]
    assert len(stored.webp) > pictures.WANTED_BYTES / 3
    assert len(shown.content) < ROUND_TRIP


def test_page_without_a_logo_keeps_the_mark(asked: str) -> None:
    shown = Browser().get(asked).text
    assert ("<svg" in shown, "<img" in shown) == (True, False)


def test_page_that_is_not_found_carries_it_too(cast: Cast) -> None:
    stored = put(cast)
    unknown = [Browser().get(reverse("nps:answer", args=[token * 32])) for token in "01"]
    assert stored.data in unknown[0].text
    assert unknown[0].content == unknown[1].content


# --- In letters ----------------------------------------------------------------------------------------


def test_anybody_fetches_the_logo_of_letters(cast: Cast) -> None:
    stored = put(cast)
    for browser in (Browser(), browser_of(cast.aurora)):
        fetched = browser.get(reverse(FETCH), {"v": stored.digest})
        assert (fetched.content, fetched.headers["Content-Type"]) == (stored.png, "image/png")
        assert fetched.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert not fetched.cookies
    assert Browser().get(reverse(FETCH), {"v": "x"}).headers["Cache-Control"] == "public, max-age=86400"


def test_no_logo_is_not_found(cast: Cast) -> None:
    missing = Browser().get(reverse(FETCH))
    assert (missing.status_code, missing.headers["Cache-Control"]) == (HTTPStatus.NOT_FOUND, "no-store")


def test_letter_names_the_logo_without_its_reader(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = "https://carteira.example"
    survey = make_survey(cast.mauro, company="Casa & Cia")
    plain = letters.mail(survey, Client(name="Ana", person_type="PF")).html
    stored = put(cast)
    branded = letters.mail(survey, Client(name="Ana", person_type="PF")).html
    assert "<img" not in plain
    [source, words] = re.findall(r'<img src="([^"]+)".*alt="([^"]+)"', branded, re.DOTALL)[0]
    assert source == f"https://carteira.example/pesquisa/marca.png?v={stored.digest}"
    assert words == "Casa &amp; Cia"


def test_letter_has_the_colours_of_the_pages() -> None:
    tokens = (ROOT / "static" / "tokens.css").read_text()
    used = " ".join(STYLE.values()) + (ROOT / "templates" / "nps" / "survey_letter.html").read_text()
    assert {colour for colour in re.findall(r"#[0-9a-f]{6}\b", used) if colour not in tokens} == set()
