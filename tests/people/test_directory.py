"""Changing people and teams: who may, what is written down, whose logins end."""

import datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from people import activity, directory
from people.models import Absence, Activity, Team, TeamReach, User
from people.roles import Role
from people.teams import rebuild_reach, would_loop
from people.visibility import NOTHING, covered_by, sight_of, visible_people
from tests.factories import Cast, make_team, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 20)


def log_of(subject: User | Team | Absence) -> list[tuple[str, dict[str, object]]]:
    content_type = ContentType.objects.get_for_model(type(subject))
    lines = Activity.objects.filter(content_type=content_type, object_id=subject.pk).order_by("pk")
    return [(line.verb, line.changes) for line in lines]


def test_save_user_creates_without_a_usable_password(cast: Cast) -> None:
    person = User(email="nova@carteira.example", name="Nova Pessoa", role=Role.SELLER, team=cast.sul)

    directory.save_user(person, by=cast.ada, reason="chegou")

    stored = User.objects.get(email="nova@carteira.example")
    assert (stored.name_key, stored.has_usable_password(), stored.session_epoch) == ("nova pessoa", False, 0)
    assert log_of(stored) == [("user_created", {"role": "seller", "team": cast.sul.pk, "reason": "chegou"})]


def test_save_user_keeps_a_password_that_was_set(cast: Cast) -> None:
    person = User(email="nova@carteira.example", name="Nova Pessoa")
    person.set_password("uma senha bem comprida")

    directory.save_user(person, by=cast.ada)

    assert User.objects.get(pk=person.pk).check_password("uma senha bem comprida")


@pytest.mark.parametrize(
    ("field", "value"), [("role", Role.SUPERVISOR), ("is_active", False), ("email", "outra@carteira.example")]
)
def test_save_user_ends_logins_when_a_right_changes(cast: Cast, field: str, value: object) -> None:
    setattr(cast.julia, field, value)

    directory.save_user(cast.julia, by=cast.ada, reason="promovida")

    assert User.objects.get(pk=cast.julia.pk).session_epoch == 1
    assert cast.julia.session_epoch == 1
    assert log_of(cast.julia) == [("user_rights_changed", {"fields": [field], "reason": "promovida"})]


def test_save_user_ends_logins_when_the_team_changes(cast: Cast) -> None:
    cast.julia.team = cast.norte

    directory.save_user(cast.julia, by=cast.ada, reason="mudou")

    assert cast.julia.session_epoch == 1
    assert log_of(cast.julia) == [("user_rights_changed", {"fields": ["team"], "reason": "mudou"})]


def test_save_user_keeps_logins_when_only_the_name_changes(cast: Cast) -> None:
    cast.julia.name = "Júlia Prado Lima"

    directory.save_user(cast.julia, by=cast.ada)

    stored = User.objects.get(pk=cast.julia.pk)
    assert (stored.session_epoch, stored.name_key) == (0, "julia prado lima")
    assert log_of(stored) == [("user_changed", {})]


@pytest.mark.parametrize("who", ["julia", "sonia", "mauro", "bento", "aurora"])
def test_save_user_is_for_admins(cast: Cast, who: str) -> None:
    cast.caio.role = Role.ADMIN

    with pytest.raises(PermissionDenied):
        directory.save_user(cast.caio, by=getattr(cast, who))

    assert User.objects.get(pk=cast.caio.pk).role == Role.SELLER


def test_close_login_notes_the_day_and_ends_logins(cast: Cast) -> None:
    directory.close_login(cast.julia, by=cast.ada, on=TODAY)

    assert (cast.julia.is_active, cast.julia.left_on, cast.julia.session_epoch) == (False, TODAY, 1)
    assert log_of(cast.julia) == [("user_left", {})]
    directory.close_login(cast.caio, by=cast.ada)
    assert cast.caio.left_on == timezone.localdate()


def test_save_team_rebuilds_the_reach(cast: Cast) -> None:
    serra = directory.save_team(Team(name="Serra", parent=cast.sul), by=cast.ada)

    above = set(TeamReach.objects.filter(below=serra).values_list("above", flat=True))
    assert above == {serra.pk, cast.sul.pk, cast.brasil.pk}
    serra.parent = cast.norte
    directory.save_team(serra, by=cast.ada)
    above = set(TeamReach.objects.filter(below=serra).values_list("above", flat=True))
    assert above == {serra.pk, cast.norte.pk, cast.brasil.pk}
    assert [verb for verb, _changes in log_of(serra)] == ["team_created", "team_changed"]


def test_rebuild_reach_survives_a_loop_made_by_hand(cast: Cast) -> None:
    Team.objects.filter(pk=cast.brasil.pk).update(parent=cast.sul)

    rebuild_reach()

    assert TeamReach.objects.filter(above=cast.sul, below=cast.norte).exists()
    assert would_loop(cast.norte, cast.norte)


def test_absence_is_written_down_from_start_to_end(cast: Cast) -> None:
    absence = Absence(user=cast.julia, cover=cast.caio, starts_on=TODAY, ends_on=TODAY)
    directory.save_absence(absence, by=cast.sonia)
    absence.ends_on = TODAY + datetime.timedelta(days=3)
    directory.save_absence(absence, by=cast.sonia)
    assert absence.covers(TODAY + datetime.timedelta(days=3))
    assert not absence.covers(TODAY + datetime.timedelta(days=4))

    directory.end_absence(absence, by=cast.sonia)

    assert [verb for verb, _changes in log_of(absence)] == ["absence_created", "absence_changed", "absence_ended"]
    assert not absence.covers(TODAY)
    assert covered_by(cast.caio, on=TODAY) == []


def test_activity_may_tell_of_nobody_and_nothing() -> None:
    line = activity.record("night_ran", by=None, clients=3)

    assert (line.by, line.content_type, line.object_id, line.changes) == (None, None, None, {"clients": 3})
    assert str(line) == "night_ran #None"


def test_sight_of_a_disabled_person_is_nothing(cast: Cast) -> None:
    cast.ada.is_active = False

    assert sight_of(cast.ada) is NOTHING


def test_visible_people_are_those_whose_clients_one_sees(cast: Cast) -> None:
    def names(user: User) -> set[str]:
        return {person.first_name for person in User.objects.filter(visible_people(user))}

    assert names(cast.julia) == {"Júlia"}
    assert names(cast.sonia) == {"Júlia", "Caio", "Sônia"}
    assert names(cast.norma) == {"Davi", "Norma"}
    assert names(cast.mauro) == {"Júlia", "Caio", "Sônia", "Davi", "Norma", "Mauro"}
    assert len(names(cast.aurora)) == User.objects.count()


@pytest.mark.parametrize(
    "make",
    [
        lambda cast: make_team("sul", parent=cast.brasil),
        lambda cast: Team.objects.create(name="Ontem", opened_on=TODAY, closed_on=TODAY),
        lambda cast: Team.objects.filter(pk=cast.sul.pk).update(parent=cast.sul),
        lambda cast: make_user("Outra", email="JULIA@carteira.example".lower()),
        lambda cast: User.objects.filter(pk=cast.julia.pk).update(email="CAIO@carteira.example"),
        lambda cast: User.objects.filter(pk=cast.julia.pk).update(role="owner"),
        lambda cast: User.objects.filter(pk=cast.julia.pk).update(hours_per_day=25),
        lambda cast: Absence.objects.create(user=cast.julia, cover=cast.julia, starts_on=TODAY, ends_on=TODAY),
        lambda cast: Absence.objects.create(
            user=cast.julia, starts_on=TODAY, ends_on=TODAY - datetime.timedelta(days=1)
        ),
    ],
)
def test_database_refuses_what_no_rule_allows(cast: Cast, make: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make(cast)  # type: ignore[operator]
