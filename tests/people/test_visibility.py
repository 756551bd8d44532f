"""Who sees whom: the cast of factories against a reference written from DOMAIN 5."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clients.models import Client
from people.models import Absence, Team, User
from people.roles import PERMISSIONS, Permission, Role
from people.teams import would_loop
from people.visibility import sight_of
from tests.factories import Cast, make_cast, make_client, make_team, make_user

TODAY = datetime.date(2026, 11, 20)


def seen_by(user: User) -> set[str]:
    return {client.name for client in Client.objects.visible_to(User.objects.get(pk=user.pk))}


@pytest.fixture
def cast(db) -> Cast:
    cast = make_cast()
    make_client("de Júlia", owner=cast.julia)
    make_client("de Caio", owner=cast.caio)
    make_client("de Davi", owner=cast.davi)
    make_client("da Sônia", owner=cast.sonia)
    make_client("fila Sul", team=cast.sul)
    make_client("fila Norte", team=cast.norte)
    make_client("fila de ninguém")
    return cast


SUL = {"de Júlia", "de Caio", "da Sônia", "fila Sul"}
NORTE = {"de Davi", "fila Norte"}
ALL = SUL | NORTE | {"fila de ninguém"}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("julia", {"de Júlia"}),
        ("caio", {"de Caio"}),
        ("davi", {"de Davi"}),
        ("sonia", SUL),
        ("norma", NORTE),
        ("mauro", ALL),
        ("bento", ALL),
        ("aurora", ALL),
        ("ada", ALL),
    ],
)
def test_visible_clients_follow_role_and_team(cast, who, expected):
    assert seen_by(getattr(cast, who)) == expected


def test_disabled_person_sees_nothing(cast):
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)

    assert seen_by(cast.ada) == set()


def test_leader_without_a_team_sees_only_own_clients(cast):
    loose = make_user("Solta", role=Role.MANAGER)
    make_client("da Solta", owner=loose)

    assert seen_by(loose) == {"da Solta"}


@pytest.mark.parametrize(
    ("starts", "ends", "ended_early", "sees"),
    [
        (0, 0, False, True),
        (-3, 3, False, True),
        (1, 3, False, False),
        (-3, -1, False, False),
        (-3, 3, True, False),
    ],
)
def test_cover_sees_the_covered_portfolio_on_the_days_of_the_absence(cast, starts, ends, ended_early, sees):
    Absence.objects.create(
        user=cast.davi,
        cover=cast.julia,
        starts_on=TODAY + datetime.timedelta(days=starts),
        ends_on=TODAY + datetime.timedelta(days=ends),
        ended_early_at=datetime.datetime(2026, 11, 19, tzinfo=datetime.UTC) if ended_early else None,
    )

    assert (cast.davi.pk in sight_of(User.objects.get(pk=cast.julia.pk), on=TODAY).owner_ids) is sees


def test_sight_is_read_once_per_loaded_user(cast, django_assert_num_queries):
    user = User.objects.get(pk=cast.sonia.pk)
    first = sight_of(user)
    with django_assert_num_queries(0):
        assert sight_of(user) is first


def test_team_may_not_hang_below_itself(cast):
    assert would_loop(cast.brasil, cast.sul)
    assert would_loop(cast.sul, cast.sul)
    assert not would_loop(cast.sul, cast.norte)
    assert not would_loop(cast.sul, None)


def test_auditor_may_only_read():
    assert PERMISSIONS[Role.AUDITOR] == {
        Permission.VIEW_OWN_ACCOUNT,
        Permission.VIEW_CLIENTS,
        Permission.VIEW_JOBS,
        Permission.VIEW_PEOPLE,
    }


class TestVisibilityAgainstReference(TestCase):
    """Random trees, people, clients and covers against the sentences of DOMAIN 5 in plain Python."""

    @settings(max_examples=25)
    @given(st.data())
    def test_visible_clients_equal_the_reference(self, data):
        teams: list[Team] = []
        for index in range(data.draw(st.integers(1, 5))):
            parent = data.draw(st.sampled_from([None, *teams]))
            teams.append(make_team(f"T{index}-{data.draw(st.uuids())}", parent=parent))
        people = [
            make_user(role=data.draw(st.sampled_from(Role.values)), team=data.draw(st.sampled_from([None, *teams])))
            for _ in range(data.draw(st.integers(2, 6)))
        ]
        clients = [
            make_client(
                owner=data.draw(st.sampled_from([None, *people])),
                team=data.draw(st.sampled_from([None, *teams])),
            )
            for _ in range(data.draw(st.integers(1, 8)))
        ]
        covers = data.draw(st.lists(st.tuples(st.sampled_from(people), st.sampled_from(people)), max_size=3))
        for away, cover in covers:
            if away != cover:
                Absence.objects.create(user=away, cover=cover, starts_on=TODAY, ends_on=TODAY)
        for user in people:
            fresh = User.objects.get(pk=user.pk)
            sight_of(fresh, on=TODAY)
            expected = {client.pk for client in clients if reference(user, client, covers)}
            sight = sight_of(fresh, on=TODAY)
            found = Client.objects.unscoped(reason="test").filter(sight.filter(owner="owner", team="team"))
            assert {client.pk for client in clients if sight.holds(client.owner_id, client.team_id)} == expected
            assert set(found.values_list("pk", flat=True)) == expected


def ancestors(team: Team | None) -> set[int]:
    found = set()
    while team is not None:
        found.add(team.pk)
        team = team.parent
    return found


def reference(user: User, client: Client, covers: list[tuple[User, User]]) -> bool:
    if user.role in {Role.BACKOFFICE, Role.AUDITOR, Role.ADMIN}:
        return True
    if client.owner is not None:
        if client.owner == user or (client.owner, user) in covers:
            return True
        return user.role != Role.SELLER and user.team_id is not None and user.team_id in ancestors(client.owner.team)
    if user.role == Role.SELLER or user.team is None:
        return False
    if client.team is not None:
        return user.team_id in ancestors(client.team)
    return user.role == Role.MANAGER and user.team.parent_id is None
