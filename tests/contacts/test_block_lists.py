"""Lists of numbers: loaded whole or not at all, shown, asked; and the month's calls."""

import csv
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import consents
from contacts import block_lists, calls, gate_night, kept
from contacts.models import BlockedNumber, BlockList, ContactLog, ContactOutcome, ContactSettings, KeptOptOut
from contacts.models.rules import BlockListLoad
from jobs import workers
from jobs.models import Job
from people.models import Activity, Notification, User
from tests.factories import Cast, make_client

MOBILE, LANDLINE, OTHER = "+5511987654321", "+551133334444", "+5521988887777"


@pytest.fixture(autouse=True)
def own_storage(settings: Any, tmp_path: Path) -> None:
    options = {"location": tmp_path}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}


@pytest.fixture
def block_list(db: None) -> BlockList:
    return BlockList.objects.create(name="Não me Perturbe", since=datetime.date(2026, 1, 1))


def send(block_list: BlockList, by: User, content: str, name: str = "lista.csv") -> BlockListLoad:
    return block_lists.receive(ContentFile(content.encode(), name=name), block_list, by=by)


def load(block_list: BlockList, by: User, content: str) -> BlockListLoad:
    sent = send(block_list, by, content)
    workers.work_off()
    sent.refresh_from_db()
    return sent


def numbers_of(block_list: BlockList) -> set[str]:
    return set(BlockedNumber.objects.filter(block_list=block_list).values_list("e164", flat=True))


def test_load_accounts_for_every_line(cast: Cast, block_list: BlockList) -> None:
    content = "telefone\n11987654321\n1133334444\n(11) 98765-4321\n\n=1+1\n987654321\n"
    sent = load(block_list, cast.ada, content)
    assert sent.state == "done"
    assert (sent.lines, sent.empty, sent.bad, sent.repeated, sent.numbers) == (7, 2, 2, 1, 2)
    assert (sent.added, sent.removed) == (2, 0)
    assert numbers_of(block_list) == {MOBILE, LANDLINE}
    block_list.refresh_from_db()
    assert (block_list.numbers, block_list.loaded_by) == (2, cast.ada)
    with open(sent.problems.path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [row[:2] for row in rows] == [["Linha", "Conteúdo"], ["6", "'=1+1"], ["7", "987654321"]]
    assert Activity.objects.get(verb="block_list_loaded").changes["bad"] == 2


def test_load_replaces_the_list_and_numbers_that_stay_keep_their_day(cast: Cast, block_list: BlockList) -> None:
    load(block_list, cast.ada, "11987654321\n1133334444\n")
    long_ago = datetime.date(2026, 2, 1)
    BlockedNumber.objects.update(since=long_ago)
    sent = load(block_list, cast.ada, "11987654321\n21988887777\n")
    assert (sent.added, sent.removed, sent.numbers) == (1, 1, 2)
    days = dict(BlockedNumber.objects.values_list("e164", "since"))
    assert days == {MOBILE: long_ago, OTHER: timezone.localdate()}
    assert not sent.problems


def test_lists_do_not_touch_each_other(cast: Cast, block_list: BlockList) -> None:
    other = BlockList.objects.create(name="Procon", source="Procon-SP", covers_service=True)
    load(block_list, cast.ada, "11987654321\n")
    load(other, cast.ada, "11987654321\n")
    load(block_list, cast.ada, "1133334444\n")
    assert numbers_of(other) == {MOBILE}
    [(name, source, _since, service)] = block_lists.lists_with(MOBILE)
    assert (name, source, service) == ("Procon", "Procon-SP", True)


@pytest.mark.parametrize("content", ["abc\ndef\n", "PK\x03\x04", "telefone\n"])
def test_file_without_a_number_leaves_the_list_as_it_was(cast: Cast, block_list: BlockList, content: str) -> None:
    load(block_list, cast.ada, "11987654321\n")
    sent = load(block_list, cast.ada, content)
    assert sent.state == "refused"
    assert "Nenhum número" in sent.error
    assert numbers_of(block_list) == {MOBILE}


def test_one_load_at_a_time(cast: Cast, block_list: BlockList) -> None:
    first = send(block_list, cast.ada, "11987654321\n")
    with pytest.raises(block_lists.FileRefusedError, match="sendo carregada"):
        send(block_list, cast.ada, "11987654321\n")
    Job.objects.update(state="dead", finished_at=timezone.now())
    send(block_list, cast.ada, "1133334444\n", name="C:\\pasta\\nova\x07.csv")
    first.refresh_from_db()
    assert (first.state, first.error) == ("refused", "O carregamento parou por erro; a lista ficou como estava.")
    workers.work_off()
    assert numbers_of(block_list) == {LANDLINE}
    assert set(block_list.loads.values_list("original_name", flat=True)) == {"lista.csv", "nova.csv"}


def test_files_that_are_empty_or_too_long_are_refused(cast: Cast, block_list: BlockList, settings: Any) -> None:
    with pytest.raises(block_lists.FileRefusedError, match="vazio"):
        send(block_list, cast.ada, "")
    settings.SPREADSHEET_MAX_BYTES = 5
    with pytest.raises(block_lists.FileRefusedError, match="passa de"):
        send(block_list, cast.ada, "11987654321\n")
    assert not BlockListLoad.objects.exists()


def test_old_loads_and_removed_lists_leave_no_file(
    cast: Cast, block_list: BlockList, tmp_path: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(block_lists, "KEPT_LOADS", 2)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            load(block_list, cast.ada, f"1198765432{number}\nabc\n")
    # Of each load kept, the file and its problems.
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4
    with django_capture_on_commit_callbacks(execute=True):
        block_lists.remove(block_list, by=cast.ada)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not BlockedNumber.objects.exists()


def test_a_load_that_was_removed_meanwhile_does_nothing(cast: Cast, block_list: BlockList) -> None:
    send(block_list, cast.ada, "11987654321\n")
    block_lists.remove(block_list, by=cast.ada)
    workers.work_off()
    assert Job.objects.get().state == "done"


# --- The page


@pytest.fixture
def ada(cast: Cast, at_desk: Callable[[User], Browser]) -> Browser:
    return at_desk(cast.ada)


def test_page_creates_edits_and_logs(cast: Cast, ada: Browser) -> None:
    data = {"name": " Não me  Perturbe ", "source": "naomeperturbe.com.br", "since": "01/02/2026"}
    assert ada.post(reverse("contacts:block_list_create"), data).status_code == 303
    block_list = BlockList.objects.get()
    assert (block_list.name, block_list.since) == ("Não me Perturbe", datetime.date(2026, 2, 1))
    edit = reverse("contacts:block_list_edit", args=[block_list.pk])
    assert ada.post(edit, {**data, "covers_service": "on"}).status_code == 303
    assert Activity.objects.get(verb="block_list_changed").changes == {"covers_service": ["False", "True"]}
    assert ada.post(reverse("contacts:block_list_create"), data).status_code == 422
    assert "ofertas e atendimento" in ada.get(reverse("contacts:block_list_list")).text


def test_upload_by_the_page_shows_progress_then_the_result(cast: Cast, ada: Browser, block_list: BlockList) -> None:
    address = reverse("contacts:block_list_load", args=[block_list.pk])
    content = b"11987654321\nabc\n"
    assert ada.post(address, {"file": SimpleUploadedFile("a.csv", content)}).status_code == 303
    page = reverse("contacts:block_list_detail", args=[block_list.pk])
    progress = reverse("contacts:block_list_progress", args=[block_list.pk])
    assert "Carregando a.csv" in ada.get(page).text
    assert "load-progress" in ada.get(progress, headers={"HX-Request": "true"}).text
    refused = ada.post(address, {"file": SimpleUploadedFile("b.csv", content)})
    assert (refused.status_code, "sendo carregada" in refused.text) == (422, True)
    workers.work_off()
    assert ada.get(progress, headers={"HX-Request": "true"}).headers["HX-Redirect"] == page
    assert "1 linha sem número válido" in ada.get(page).text
    sent = block_list.loads.get()
    problems = ada.get(reverse("contacts:load_problems", args=[sent.pk]))
    assert "abc" in b"".join(problems.streaming_content).decode("utf-8-sig")
    assert ada.post(address).status_code == 422
    load(block_list, cast.ada, "11987654321\n")
    assert ada.get(reverse("contacts:load_problems", args=[sent.pk + 1])).status_code == 404


def test_removal_by_the_page(ada: Browser, block_list: BlockList) -> None:
    address = reverse("contacts:block_list_remove", args=[block_list.pk])
    assert [ada.post(address).status_code for _ in range(2)] == [303, 303]
    workers.work_off()
    assert not BlockList.objects.exists()
    assert Activity.objects.get(verb="block_list_removed").by_id
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_number_check_tells_lists_and_kept_refusals(cast: Cast, ada: Browser, block_list: BlockList) -> None:
    def ask(number: str, **headers: str) -> str:
        return ada.post(reverse("contacts:number_check"), {"number": number}, headers=headers).text

    assert "não está em nenhuma lista" in ask("(11) 98765-4321", **{"HX-Request": "true"})
    load(block_list, cast.ada, "11987654321\n")
    assert "está em Não me Perturbe" in ask("11987654321")
    client = make_client("Ana", owner=cast.julia)
    client.phones.create(e164=OTHER, kind="MOBILE")
    consents.opt_out(client, channel="call", purpose="any", by=cast.julia)
    kept.keep([client.pk])
    assert "tem um pedido guardado" in ask("21988887777")
    assert ada.post(reverse("contacts:number_check"), {"number": "123"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_as_often_for_three_lists_as_for_one(cast: Cast, ada: Browser, count: int) -> None:
    for number in range(count):
        BlockList.objects.create(name=f"Lista {number}", loaded_by=cast.ada, loaded_at=timezone.now())
    ada.get(reverse("contacts:block_list_list"))
    with CaptureQueriesContext(connection) as captured:
        ada.get(reverse("contacts:block_list_list"))
    assert len(captured) <= 15
    assert len([query for query in captured if "contacts_" in query["sql"]]) == 6


# --- Calls of the month, and what is kept


def call(cast: Cast, at: datetime.datetime, **fields: Any) -> None:
    client = make_client(owner=cast.julia)
    outcome = ContactOutcome.objects.get(code="no_answer")
    ContactLog.objects.create(client=client, by=cast.julia, outcome=outcome, started_at=at, **fields)


def test_calls_of_the_month_are_counted_once_and_only_those_made(cast: Cast) -> None:
    zone = timezone.get_default_timezone()
    first = datetime.datetime(2026, 11, 1, 0, 0, tzinfo=zone)
    last = datetime.datetime(2026, 11, 30, 23, 59, tzinfo=zone)
    for at in (first, last):
        call(cast, at)
    call(cast, first - datetime.timedelta(minutes=1))
    call(cast, last + datetime.timedelta(minutes=1))
    call(cast, first, direction="in")
    call(cast, first, channel="whatsapp")
    call(cast, first, undone_at=last)
    assert calls.calls_in_month(datetime.date(2026, 11, 15)).made == 2


def test_admins_are_told_once_of_the_warning_and_once_of_the_limit(cast: Cast, ada: Browser) -> None:
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    settings = ContactSettings.current()
    settings.call_warning, settings.call_limit = 2, 3
    settings.save()
    call(cast, timezone.now())
    assert gate_night.keep_and_count(tomorrow) == {"kept": 0, "call_notices": 0}
    call(cast, timezone.now())
    assert [gate_night.keep_and_count(tomorrow)["call_notices"] for _ in range(2)] == [1, 0]
    call(cast, timezone.now())
    assert [gate_night.keep_and_count(tomorrow)["call_notices"] for _ in range(2)] == [1, 0]
    assert set(Notification.objects.values_list("recipient__name", flat=True)) == {"Ada Nunes"}
    assert "3 de 3" in ada.get(reverse("contacts:block_list_list")).text


def test_the_night_keeps_refusals_that_can_no_longer_be_undone(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia, document="52998224725", person_type="PF")
    client.phones.create(e164=MOBILE, kind="MOBILE")
    client.emails.create(address="ana@exemplo.com.br")
    consents.opt_out(client, channel="email", purpose="offer", by=cast.julia)
    assert kept.keep_all() == 0
    client.opt_outs.update(at=timezone.now() - datetime.timedelta(days=2))
    assert [kept.keep_all(), kept.keep_all()] == [2, 0]
    consents.opt_out(client, channel="any", purpose="any", by=cast.julia)
    assert [kept.keep([client.pk]), kept.keep([client.pk])] == [3, 0]
    assert set(KeptOptOut.objects.values_list("channel", "purpose")) == {("email", "offer"), ("any", "any")}
    assert not KeptOptOut.objects.filter(digest__contains="ana").exists()
