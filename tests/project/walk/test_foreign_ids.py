"""Ids of others where no address names them: bulk acts, filters, forms, the search and the files (T1, T3, T13)."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.urls import reverse

from clients.models import Client
from people.models import User
from tests.factories import PASSWORD
from tests.project.canaries import all_bytes
from tests.project.statements import written
from tests.project.world import ABSENT, World

CLIENT_LIST = "portfolio:client_list"


def leaked(world: World, actor: str, *contents: bytes) -> set[tuple[str, str]]:
    found = [canary for content in contents for canary in world.canaries.found_in(content)]
    return {(one.label, one.field) for one in found if not world.may_read(actor, one.label, one.field)}


def send(world: World, actor: str, name: str, data: dict[str, Any]) -> tuple[HttpResponseBase, list[str]]:
    """The answer and what it wrote."""
    writes: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if text := written(sql, context):
            writes.append(text)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        return world.browsers[actor].post(reverse(name), data), writes


@pytest.mark.parametrize(
    ("name", "data"),
    [("clients:client_bulk_transfer", {"owner": "julia"}), ("portfolio:client_tag", {"name": "quente"})],
)
@pytest.mark.parametrize("other", ["davi's", "queue of nobody", "absent"])
def test_bulk_act_with_one_hidden_client_does_nothing(
    world: World, name: str, data: dict[str, str], other: str
) -> None:
    clients = world.records["client"]
    ids = [clients["júlia's"], clients.get(other, ABSENT)]
    sent = {key: world.people[value].pk if value in world.people else value for key, value in data.items()}

    with transaction.atomic():
        answer, writes = send(world, "sonia", name, {"ids": ids, **sent})
        transaction.set_rollback(True)

    assert answer.status_code == 404
    assert writes == []
    assert leaked(world, "sonia", all_bytes(answer)) == set()


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["1.5"], ["9" * 30], ["1"] * 6_000, []])
def test_bulk_transfer_refuses_what_is_no_list_of_ids(world: World, ids: list[str]) -> None:
    answer, writes = send(world, "sonia", "clients:client_bulk_transfer", {"ids": ids})

    assert (answer.status_code, writes) == (400, [])


@pytest.mark.parametrize("actor", ["julia", "lia", "sonia", "norma"])
def test_filters_by_foreign_people_and_teams_show_nothing_foreign(world: World, actor: str) -> None:
    queries = [{"owner": pk} for pk in User.objects.values_list("pk", flat=True)]
    queries += [{"team": pk} for pk in world.records["team"].values()]
    contents = [all_bytes(world.browsers[actor].get(reverse(CLIENT_LIST), query)) for query in queries]

    assert leaked(world, actor, *contents) == set()


@pytest.mark.parametrize("actor", ["julia", "lia", "sonia", "norma", "mauro"])
def test_search_finds_only_what_is_seen(world: World, actor: str) -> None:
    """By name, by document and by phone of everybody; the typed text itself is not counted as told."""
    everybody = Client.objects.unscoped(reason="test")
    for client in everybody.prefetch_related("phones"):
        label = next(label for label, pk in world.records["client"].items() if pk == client.pk)
        for text in (client.name.split()[0], client.document, client.phones.all()[0].e164):
            with transaction.atomic():
                browser = world.browsers[actor]
                browser.post(reverse("portfolio:client_search"), {"q": text})
                pages = [
                    browser.get(reverse(CLIENT_LIST), {"class": word})
                    for word in ("active", "renewal", "inactive", "prospect")
                ]
                page = b"".join(all_bytes(one) for one in pages)
                transaction.set_rollback(True)
            shown = f"/clientes/{client.pk}/".encode() in page
            assert shown is (label in world.sees(actor, "client")), (label, text)
            assert {field for _label, field in leaked(world, actor, page)} <= {
                "name",
                "document (whole)",
                "phone",
                "document (masked)",
            }


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("actor", ["sonia", "norma", "mauro", "ada"])
def test_export_holds_what_is_seen_and_no_whole_document(world: World, actor: str, kind: str) -> None:
    with transaction.atomic():
        world.browsers[actor].post(reverse("account_reauthenticate"), {"password": PASSWORD})
        answer, _writes = send(world, actor, "portfolio:client_export", {"format": kind, "query": ""})
        content = all_bytes(answer)
        transaction.set_rollback(True)
    found = {(one.label, one.field) for one in world.canaries.found_in(content)}

    assert answer.status_code == 200
    assert leaked(world, actor, content) == set()
    assert {label for label, field in found if field == "document (whole)"} == set()
    assert {label for label, _field in found} & set(world.records["client"]) != set()


def test_lists_never_show_a_whole_document(world: World) -> None:
    """Not even to whom the client belongs: reading it is an act of its own, by POST, and logged."""
    names = ["portfolio:client_list", "portfolio:distribution"]
    pages = [
        world.browsers["ada"].get(reverse(name), {"class": word})
        for name in names
        for word in ("active", "renewal", "")
    ]
    pages += [
        world.browsers["ada"].get(reverse(name, args=[world.records["client"]["júlia's"]]))
        for name in ("portfolio:client_detail", "clients:client_edit")
    ]

    found = {one.field for page in pages for one in world.canaries.found_in(all_bytes(page))}
    assert "document (whole)" not in found
    assert "document (masked)" in found
