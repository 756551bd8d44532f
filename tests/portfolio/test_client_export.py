"""The list as a file: who may, what leaves, what cannot be run."""

import csv
import datetime
import io

import openpyxl
import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clients import search
from clients.models import Client, Phone
from clients.models.client import PersonType
from contracts.models import ClientCycle
from jobs import outbox
from people.models import Activity, User
from people.roles import Role
from portfolio import export, export_notice
from portfolio.export import harmless
from tests.factories import PASSWORD, make_cast, make_client, make_user

pytestmark = pytest.mark.django_db
URL = "portfolio:client_export"


def browser_of(user: User) -> Browser:
    """Logged in, and proved once more just now."""
    browser = Browser()
    browser.force_login(user)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def file_of(browser: Browser, **data: str) -> bytes:
    answer = browser.post(reverse(URL), {"format": "csv", **data})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_client_export_is_for_who_may_assign() -> None:
    cast = make_cast()
    for user, status in ((cast.julia, 403), (cast.bento, 403), (cast.aurora, 403), (cast.sonia, 200)):
        browser = browser_of(user)
        answer = browser.post(reverse(URL), {"format": "csv"})
        list(answer)  # closes the file
        assert answer.status_code == status
    assert browser.get(reverse(URL)).status_code == 405


def test_client_export_masks_documents_and_logs_the_count() -> None:
    cast = make_cast()
    client = make_client("Ana", owner=cast.julia, person_type="PF", document="12345678909", uf="SC")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    make_client("=1+1", owner=cast.caio, uf="SC")
    make_client("De outra UF", owner=cast.caio, uf="PR")
    make_client("De outra equipe", owner=cast.davi, uf="SC")
    text = file_of(browser_of(cast.sonia), query="uf=SC").decode("utf-8-sig")

    lines = text.splitlines()
    assert len(lines) == 3
    assert "'=1+1" in lines[1]
    assert "•••.456.789-••" in lines[2]
    assert "(47) 99912-0456" in lines[2]
    assert "12345678909" not in text
    log = Activity.objects.get(verb="clients_exported")
    assert (log.by, log.changes) == (cast.sonia, {"clients": 2, "format": "csv", "filters": ["UF"]})


def test_client_export_writes_only_text_cells() -> None:
    cast = make_cast()
    make_client("=HYPERLINK(1)", owner=cast.julia, code="0012")
    content = file_of(browser_of(cast.ada), format="xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=2))
    assert rows[0][0].value == "0012"
    assert rows[0][1].value == "'=HYPERLINK(1)"
    assert {cell.data_type for cell in rows[0]} <= {"s", "n"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"])
def test_harmless_quotes_what_may_be_a_formula(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless("1=1") == "1=1"


def test_client_export_asks_for_the_password_first_and_leads_back_to_the_list() -> None:
    cast = make_cast()
    browser = Browser()
    browser.force_login(cast.sonia)

    answer = browser.post(reverse(URL), {"format": "csv", "query": "uf=SC"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{reverse('account_reauthenticate')}?next=%2Fcarteira%2F%3Fuf%3DSC"
    assert Activity.objects.filter(verb="clients_exported").count() == 0
    back = browser.post(answer.headers["Location"], {"password": PASSWORD})
    assert back.headers["Location"] == "/carteira/?uf=SC"
    assert file_of(browser).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_client_export_stops_at_the_cap_and_says_so(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(export.CAPS, kind, 2)
    cast = make_cast()
    for name in ("Ana", "Bia", "Caio"):
        make_client(name, owner=cast.julia)
    browser = browser_of(cast.sonia)

    content = file_of(browser, format=kind)

    lines = content.decode("utf-8-sig").splitlines() if kind == "csv" else first_column(content)
    assert len(lines) == 4
    assert "só os primeiros 2 clientes" in lines[3]
    assert Activity.objects.get(verb="clients_exported").changes["clients"] == 2
    Client.objects.unscoped(reason="test").filter(name="Caio").update(owner=cast.davi, team=cast.norte)
    content = file_of(browser, format=kind)
    lines = content.decode("utf-8-sig").splitlines() if kind == "csv" else first_column(content)
    assert len(lines) == 3


def first_column(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [str(row[0].value) for row in sheet.iter_rows()]


def test_client_export_of_an_empty_list_has_the_headings_alone() -> None:
    cast = make_cast()
    lines = file_of(browser_of(cast.sonia)).decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["Código"]

    found = Client.objects.none()
    file, log = export.export(found, kind="csv", by=cast.sonia, filters=[])
    with file:
        assert file.read().decode("utf-8-sig").splitlines() == lines
    assert log.changes["clients"] == 0


def plain(found: object, *, user: User) -> bytes:
    """The file as the csv module writes it from the plain rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow([str(heading) for heading in export.HEADINGS])
    writer.writerows(export.plain_rows(found, user=user))
    return text.getvalue().encode("utf-8-sig")


def no_nul(text: str) -> bool:
    return "\0" not in text


TEXTS = st.one_of(
    st.text(max_size=12).filter(no_nul),
    st.text(alphabet="=+-@\t\r\n＝＋－＠;\"' .aç1\\", max_size=6),
)
PHONES = st.one_of(
    st.from_regex(r"\+55[1-9][0-9]9?[2-9][0-9]{7}", fullmatch=True),
    st.sampled_from(["+5511987654321", "+14155552671", "+442071838750", "+351912345678", "+999123456", "+551234567"]),
)
DOCUMENTS = st.one_of(st.just(""), st.from_regex(r"[0-9]{11}", fullmatch=True))
COMPANIES = st.one_of(st.just(""), st.from_regex(r"[0-9A-Z]{12}[0-9]{2}", fullmatch=True))
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))


class FormattedByTheDatabase(TestCase):
    """The database writes what the plain formatting says, byte for byte, whatever the data."""

    @settings(max_examples=60)
    @given(data=st.data(), names=st.lists(TEXTS.filter(bool), min_size=1, max_size=4))
    def test_equal(self, data: st.DataObject, names: list[str]) -> None:
        seller = User.objects.create(email="v@x.example", name=data.draw(TEXTS.filter(bool)), password="!")
        admin = User.objects.create(email="a@x.example", name="Ada", role="admin", password="!")
        for number, name in enumerate(names):
            kind = data.draw(st.sampled_from(["", *PersonType.values]))
            documents = {"": st.just(""), "PF": DOCUMENTS, "PJ": COMPANIES}[kind]
            client = make_client(
                name,
                owner=data.draw(st.sampled_from([None, seller])),
                code=data.draw(TEXTS) + str(number),
                social_name=data.draw(TEXTS),
                person_type=kind,
                document=data.draw(documents.filter(lambda text: not text or not taken(text))),
                city=data.draw(TEXTS),
                class_since=data.draw(DAYS),
            )
            if data.draw(st.booleans()):
                Phone.objects.create(client=client, e164=data.draw(PHONES), kind="MOBILE", is_primary=True)
            if data.draw(st.booleans()):
                day = data.draw(DAYS)
                ClientCycle.objects.create(client=client, gaps=0, first_on=day, last_on=day)

        found = Client.objects.visible_to(admin)
        file, _log = export.export(found, kind="csv", by=admin, filters=[])
        with file:
            assert file.read() == plain(found, user=admin)


def taken(document: str) -> bool:
    return Client.objects.unscoped(reason="test").filter(document=document).exists()


def test_phones_and_masked_documents_come_back_as_they_left() -> None:
    """A spreadsheet reads the cells as text: no sum, no float, no lost zero (RELIABILITY G10)."""
    cast = make_cast()
    client = make_client("Ana", owner=cast.julia, person_type="PF", document="00345678909", code="0007")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE", is_primary=True)
    other = make_client("Bia", owner=cast.julia)
    Phone.objects.create(client=other, e164="+14155552671", kind="FOREIGN", is_primary=True)

    rows = list(csv.reader(io.StringIO(file_of(browser_of(cast.sonia)).decode("utf-8-sig"), newline=""), delimiter=";"))

    assert [(row[0], row[3], row[6]) for row in rows[1:]] == [
        ("0007", "•••.456.789-••", "(11) 98765-4321"),
        ("", "", "1 415-555-2671"),
    ]


@pytest.mark.django_db(transaction=True)
def test_admins_are_told_once_by_mail_of_each_download() -> None:
    cast = make_cast()
    other = make_cast_admin("Bia Admin")
    User.objects.filter(pk=make_cast_admin("Fora").pk).update(is_active=False)
    search.refresh([make_client("Zoé Segredo", owner=cast.julia, uf="SC").pk])
    browser = browser_of(cast.sonia)
    browser.post(reverse("portfolio:client_search"), {"q": "segredo"})
    mail.outbox.clear()

    file_of(browser, query="uf=SC&class=prospect")
    assert outbox.relay() == 2

    assert [letter.to for letter in mail.outbox] == [[cast.ada.email], [other.email]]
    letter = mail.outbox[0]
    assert "Sônia Reis" in letter.body
    assert "1 cliente no arquivo" in letter.body
    assert "Filtros: UF, Busca, Prospects." in letter.body
    assert "egredo" not in letter.body + letter.subject

    export_notice.put(Activity.objects.get(verb="clients_exported"))
    assert outbox.relay() == 0
    assert len(mail.outbox) == 2


def make_cast_admin(name: str) -> User:
    return make_user(name, role=Role.ADMIN)


@pytest.mark.django_db(transaction=True)
def test_without_an_admin_no_mail_is_sent() -> None:
    cast = make_cast()
    User.objects.filter(role=Role.ADMIN).update(is_active=False)
    mail.outbox.clear()
    file_of(browser_of(cast.sonia))
    assert outbox.relay() == 0
    assert mail.outbox == []
