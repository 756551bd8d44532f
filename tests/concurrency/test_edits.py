"""People edit the same client at once: nobody's text is lost in silence, and every conflict shows both texts."""

import datetime
from functools import partial

import pytest
from django.test import Client as Browser

from clients.models import Client
from contracts import nightly
from contracts.models import Purchase
from imports import batches
from tests.concurrency.parallel import browser_of, everyone, patiently, post_patiently, together
from tests.factories import Cast, forget, make_client, make_product, make_purchase, make_user
from tests.faults.installation import SCALE
from tests.faults.tally import Tally
from tests.imports.uploads import checked, csv_of, told

WRITERS = 8 if SCALE > 1 else 4
EDITS = 5 * SCALE
TRIES = 2_000
DAY = datetime.date(2026, 11, 20)


def append(browser: Browser, pk: int, mark: str) -> int:
    """Adds the mark to the notes through the form, again after each conflict. How many conflicts there were."""
    url = f"/clientes/{pk}/editar/"
    for conflicts in range(TRIES):
        present = everyone().get(pk=pk)
        typed = f"{present.notes}{mark}"
        fields = {"person_type": "PF", "name": present.name, "version": str(present.version), "notes": typed}
        answer = browser.post(url, fields)
        if answer.status_code == 303:
            return conflicts
        if answer.status_code == 503:
            continue  # Waited too long for the others: nothing was saved, and the page says so.
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Outra pessoa salvou antes de você." in page
        assert f"<td>{typed}</td>" in page
        assert f"{typed}</textarea>" in page
    raise AssertionError("never accepted")


@pytest.mark.fault("G8", "8 writers edit one client")
def test_parallel_edits_of_one_client_lose_nothing(cast: Cast, tally: Tally) -> None:
    client = make_client("Ana Lima", owner=cast.julia, person_type="PF")
    browsers = [browser_of(make_user(f"Gerente {number}", role="admin")) for number in range(WRITERS)]
    # A character for each edit: notes hold no more than some thousand.
    marks = [[chr(0x4E00 + number * EDITS + edit) for edit in range(EDITS)] for number in range(WRITERS)]

    def write(number: int) -> int:
        return sum(append(browsers[number], client.pk, mark) for mark in marks[number])

    conflicts = sum(together(partial(write, number) for number in range(WRITERS)))

    saved = everyone().get(pk=client.pk)
    tally.tried = WRITERS * EDITS
    tally.count(lost=[mark for line in marks for mark in line if saved.notes.count(mark) != 1])
    assert saved.version == 1 + WRITERS * EDITS
    assert conflicts


@pytest.mark.fault("G8", "edits during the night")
def test_night_clobbers_no_edit_and_bumps_no_version(cast: Cast, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "CHUNK", 3)
    clients = [make_client(f"Cliente {number}", owner=cast.julia, person_type="PF") for number in range(12)]
    for client in clients:
        make_purchase(client, DAY - datetime.timedelta(days=30))
    browsers = [browser_of(user) for user in (cast.julia, cast.sonia, cast.ada)]

    def edit(browser: Browser) -> None:
        for number in range(EDITS):
            for client in clients[number % 3 :: 3]:
                append(browser, client.pk, f"[{id(browser)}.{number}]")

    def nights() -> None:
        for number in range(EDITS):
            patiently(partial(nightly.classify_everybody, DAY + datetime.timedelta(days=40 * number)))

    together([*(partial(edit, browser) for browser in browsers), nights])

    edits = {client.pk: sum(EDITS // 3 + (start < EDITS % 3) for start in range(3) if place % 3 == start)
             for place, client in enumerate(clients)}  # fmt: skip
    tally.tried = len(browsers) * sum(edits.values())
    saved = {client.pk: client for client in everyone()}
    tally.count(lost=[pk for pk, count in edits.items() if saved[pk].notes.count("[") != len(browsers) * count])
    assert {pk: client.version for pk, client in saved.items()} == {
        pk: 1 + len(browsers) * count for pk, count in edits.items()
    }
    assert {client.portfolio_class for client in saved.values()} != {"prospect"}


CPFS = ("52998224725", "11144477735", "39053344705", "12345678909")


@pytest.mark.fault("G8", "import against edits")
def test_import_and_edit_at_once_lose_nothing_in_silence(cast: Cast, tally: Tally) -> None:
    """Who comes second hears of it: the row is reported as changed, or the person sees the conflict."""
    browser = browser_of(cast.julia)
    for _ in range(2 * SCALE):
        forget(everyone().filter(code="").values_list("pk", flat=True))
        clients = [make_client("Ana Lima", owner=cast.julia, document=cpf, person_type="PF") for cpf in CPFS]
        rows = [("Ana do Arquivo", cpf) for cpf in CPFS]
        batch = checked(csv_of(("nome", "documento"), *rows), by=cast.sonia, existing="update")

        def edit(clients: list[Client] = clients) -> list[int]:
            fields = {"person_type": "PF", "name": "Ana Digitada", "version": "1"}
            urls = [f"/clientes/{client.pk}/editar/" for client in reversed(clients)]
            return [post_patiently(browser, url, fields).status_code for url in urls]

        statuses, _done = together([edit, partial(batches.start, batch, by=cast.sonia, now=True)])

        names = [everyone().get(pk=client.pk).name for client in clients]
        effects = [effect for _line, _outcome, _reason, effect in told(batch)]
        tally.tried += len(clients)
        expected = {("Ana Digitada", "changed", 303), ("Ana do Arquivo", "updated", 409)}
        tally.count(lost=set(zip(names, effects, reversed(statuses), strict=True)) - expected)


# --- The same form twice ----------------------------------------------------------------------------------

SUBMITS = 8


@pytest.mark.fault("G8", "8 identical submits of a form")
def test_identical_submits_write_one_record(cast: Cast, tally: Tally) -> None:
    product = make_product("Consignado")
    browsers = [browser_of(cast.julia) for _ in range(SUBMITS)]
    for turn in range(SCALE):
        fields = {"form_key": f"novo-{turn}", "person_type": "PF", "name": f"Cliente {turn}", "confirmed": "1"}
        answers = together(partial(post_patiently, browser, "/clientes/novo/", fields) for browser in browsers)
        client = everyone().get(name=f"Cliente {turn}")
        assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, f"/clientes/{client.pk}/")}

        sale = {"form_key": f"venda-{turn}", "product": product.pk, "sold_on": "20/11/2025", "amount": "100,00"}
        url = f"/clientes/{client.pk}/compras/nova/"
        answers = together(partial(post_patiently, browser, url, sale) for browser in browsers)
        assert {answer.status_code for answer in answers} == {303}
        assert Purchase.objects.unscoped(reason="test").filter(client=client).count() == 1
        tally.tried += 2 * SUBMITS
