"""The list as a file: who may, what leaves, what cannot be run."""

import io

import openpyxl
import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Phone
from people.models import Activity
from portfolio.export import harmless
from tests.factories import make_cast, make_client

pytestmark = pytest.mark.django_db
URL = "portfolio:client_export"


def test_client_export_is_for_who_may_assign() -> None:
    cast = make_cast()
    for user, status in ((cast.julia, 403), (cast.bento, 403), (cast.aurora, 403), (cast.sonia, 200)):
        browser = Browser()
        browser.force_login(user)
        assert browser.post(reverse(URL), {"format": "csv"}).status_code == status
    assert browser.get(reverse(URL)).status_code == 405


def test_client_export_masks_documents_and_logs_the_count() -> None:
    cast = make_cast()
    client = make_client("Ana", owner=cast.julia, person_type="PF", document="12345678909", uf="SC")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    make_client("=1+1", owner=cast.caio, uf="SC")
    make_client("De outra UF", owner=cast.caio, uf="PR")
    make_client("De outra equipe", owner=cast.davi, uf="SC")
    browser = Browser()
    browser.force_login(cast.sonia)

    text = browser.post(reverse(URL), {"format": "csv", "query": "uf=SC"}).content.decode("utf-8-sig")

    lines = text.splitlines()
    assert len(lines) == 3
    assert "'=1+1" in lines[1]
    assert "•••.456.789-••" in lines[2]
    assert "(47) 99912-0456" in lines[2]
    assert "12345678909" not in text
    log = Activity.objects.get(verb="clients_exported")
    assert (log.by, log.changes) == (cast.sonia, {"clients": 2, "format": "csv"})


def test_client_export_writes_only_text_cells() -> None:
    cast = make_cast()
    make_client("=HYPERLINK(1)", owner=cast.julia, code="0012")
    browser = Browser()
    browser.force_login(cast.ada)
    content = browser.post(reverse(URL), {"format": "xlsx"}).content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=2))
    assert rows[0][0].value == "0012"
    assert rows[0][1].value == "'=HYPERLINK(1)"
    assert {cell.data_type for cell in rows[0]} <= {"s", "n"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"])
def test_harmless_quotes_what_may_be_a_formula(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless("1=1") == "1=1"
