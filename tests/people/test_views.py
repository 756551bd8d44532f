"""The screens of people: account, theme, teams, users with a reason, absences; the admin beside them."""

import datetime

import pytest
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.forms import AbsenceForm, AccountForm, TeamForm, UserForm
from people.models import Absence, Activity, Team, User
from people.roles import PERMISSIONS, REACH, Permission, Reach, Role
from tests.factories import Cast, make_team, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def as_(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def fields_of(user: User, **changes: object) -> dict[str, object]:
    kept = {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "team": user.team_id or "",
        "hours_per_day": "8",
        "client_limit": "",
        "joined_on": user.joined_on.isoformat(),
        "is_active": "on",
        "reason": "",
    }
    return {name: value for name, value in {**kept, **changes}.items() if value is not None}


# --- Own account ----------------------------------------------------------------------------------------


def test_account_saves_name_and_phone(cast: Cast) -> None:
    data = {"name": "Júlia Lima", "phone": "(11) 98765-4321", "theme": "dark", "single_key_shortcuts": "on"}

    answer = as_(cast.julia).post("/minha-conta/", data, follow=True)

    stored = User.objects.get(pk=cast.julia.pk)
    assert (stored.name, stored.name_key, stored.phone, stored.theme) == (
        "Júlia Lima",
        "julia lima",
        "+5511987654321",
        "dark",
    )
    assert answer.redirect_chain == [("/minha-conta/", 303)]
    assert "Seus dados foram salvos." in answer.content.decode()


def test_account_shows_what_was_typed_and_changes_nothing(cast: Cast) -> None:
    answer = as_(cast.julia).post("/minha-conta/", {"name": "Outro Nome", "phone": "123", "theme": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Telefone com DDD" in page
    assert 'value="Outro Nome"' in page
    assert f'<span class="strong">{cast.julia.name}</span>' in page
    assert User.objects.get(pk=cast.julia.pk).name == cast.julia.name


def test_account_never_takes_rights(cast: Cast) -> None:
    data = {"name": "Júlia", "theme": "", "role": "admin", "team": cast.brasil.pk, "is_superuser": "on"}

    as_(cast.julia).post("/minha-conta/", data)

    stored = User.objects.get(pk=cast.julia.pk)
    assert (stored.role, stored.team_id, stored.is_superuser) == (Role.SELLER, cast.sul.pk, False)


def test_theme_is_kept(cast: Cast) -> None:
    browser = as_(cast.julia)

    assert browser.post("/minha-conta/tema/", {"theme": "dark"}).status_code == 204
    assert User.objects.get(pk=cast.julia.pk).theme == "dark"
    assert 'data-bs-theme="dark"' in browser.get("/minha-conta/").content.decode()
    assert browser.post("/minha-conta/tema/", {"theme": "rosa"}).status_code == 400
    assert browser.post("/minha-conta/tema/").status_code == 204


# --- Teams ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen", "hidden"),
    [
        ("sonia", {"Sul", "Júlia Prado", "Caio Torres"}, {"Norte", "Davi Lobo", "Norma Luz"}),
        ("norma", {"Norte", "Davi Lobo"}, {"Sul", "Júlia Prado", "Mauro Telles"}),
        ("mauro", {"Brasil", "Sul", "Norte", "Davi Lobo"}, {"Bento Sá", "Sem equipe"}),
        ("aurora", {"Brasil", "Sul", "Norte", "Bento Sá", "Sem equipe"}, set()),
    ],
)
def test_team_list_shows_the_teams_below(cast: Cast, who: str, seen: set[str], hidden: set[str]) -> None:
    page = as_(getattr(cast, who)).get("/equipes/").content.decode()

    assert {text for text in seen if text not in page} == set()
    assert {text for text in hidden if text in page} == set()


def test_team_list_shows_who_is_away_from_today_on(cast: Cast) -> None:
    today, day = timezone.localdate(), datetime.timedelta(days=1)
    now = Absence.objects.create(user=cast.julia, cover=cast.caio, starts_on=today, ends_on=today)
    gone = Absence.objects.create(user=cast.caio, starts_on=today - 9 * day, ends_on=today - day)
    foreign = Absence.objects.create(user=cast.davi, starts_on=today, ends_on=today)

    page = as_(cast.sonia).get("/equipes/").content.decode()

    assert f"/ausencias/{now.pk}/encerrar/" in page
    assert "Caio Torres cobre" in page
    assert f"/ausencias/{gone.pk}/" not in page
    assert f"/ausencias/{foreign.pk}/" not in page


def test_team_list_takes_as_many_queries_for_many_people(cast: Cast) -> None:
    browser = as_(cast.ada)
    browser.get("/equipes/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/equipes/")
    for number in range(3):
        make_user(f"Pessoa {number}", team=make_team(parent=cast.sul))
    with CaptureQueriesContext(connection) as many:
        browser.get("/equipes/")

    assert len(many) == len(few) <= 15


def test_team_create_and_edit(cast: Cast) -> None:
    browser = as_(cast.ada)

    answer = browser.post(
        "/equipes/nova/", {"name": "Serra", "parent": cast.sul.pk, "uf": "rs", "opened_on": "2026-01-02"}
    )

    serra = Team.objects.get(name="Serra")
    assert (answer.status_code, serra.uf, serra.parent_id) == (303, "RS", cast.sul.pk)
    data = {"name": "Serra Gaúcha", "parent": cast.norte.pk, "uf": "", "opened_on": "2026-01-02"}
    assert browser.post(f"/equipes/{serra.pk}/", data, headers=HTMX).status_code == 204
    assert Team.objects.get(pk=serra.pk).name == "Serra Gaúcha"
    assert "Serra Gaúcha" in browser.get(f"/equipes/{serra.pk}/").content.decode()


def test_team_edit_refuses_a_loop(cast: Cast) -> None:
    data = {"name": "Brasil", "parent": cast.sul.pk, "uf": "", "opened_on": "2026-01-02"}

    answer = as_(cast.ada).post(f"/equipes/{cast.brasil.pk}/", data)

    assert answer.status_code == 422
    assert "escolha outra" in answer.content.decode()
    assert Team.objects.get(pk=cast.brasil.pk).parent is None


# --- Users ------------------------------------------------------------------------------------------------


def test_user_create_sends_the_invitation(cast: Cast) -> None:
    data = fields_of(User(email="nova@carteira.example", name="Nova Pessoa", team=cast.sul))

    answer = as_(cast.ada).post("/pessoas/nova/", data)

    assert answer.status_code == 303
    assert User.objects.get(email="nova@carteira.example").team == cast.sul
    assert [message.to for message in mail.outbox] == [["nova@carteira.example"]]


def test_user_create_refuses_an_address_that_is_taken(cast: Cast) -> None:
    answer = as_(cast.ada).post("/pessoas/nova/", fields_of(User(email="JULIA@carteira.example", name="Outra Júlia")))

    assert answer.status_code == 422
    assert "Já existe alguém com este e-mail" in answer.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "changes",
    [{"role": "supervisor"}, {"team": ""}, {"email": "outra@carteira.example"}, {"is_active": None}],
)
def test_user_edit_asks_why_rights_change(cast: Cast, changes: dict[str, object]) -> None:
    browser = as_(cast.ada)

    refused = browser.post(f"/pessoas/{cast.julia.pk}/", fields_of(cast.julia, **changes))

    assert refused.status_code == 422
    assert "Diga por que os direitos desta pessoa mudam." in refused.content.decode()
    assert User.objects.get(pk=cast.julia.pk).session_epoch == 0
    told = browser.post(f"/pessoas/{cast.julia.pk}/", fields_of(cast.julia, **changes, reason="promovida"))
    assert told.status_code == 303
    assert User.objects.get(pk=cast.julia.pk).session_epoch == 1
    assert Activity.objects.get(verb="user_rights_changed").changes["reason"] == "promovida"


def test_user_edit_of_the_name_needs_no_reason_and_sends_no_mail(cast: Cast) -> None:
    answer = as_(cast.ada).post(f"/pessoas/{cast.julia.pk}/", fields_of(cast.julia, name="Júlia Lima"))

    assert answer.status_code == 303
    assert User.objects.get(pk=cast.julia.pk).name == "Júlia Lima"
    assert mail.outbox == []


# --- Absences ---------------------------------------------------------------------------------------------


def test_absence_lets_the_cover_see_the_clients(cast: Cast) -> None:
    today = timezone.localdate().isoformat()
    data = {"user": cast.julia.pk, "cover": cast.caio.pk, "kind": "vacation", "starts_on": today, "ends_on": today}

    assert as_(cast.sonia).post("/ausencias/nova/", data).status_code == 303

    absence = Absence.objects.get()
    assert (absence.user, absence.cover) == (cast.julia, cast.caio)
    assert Activity.objects.get(verb="absence_created").by == cast.sonia


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"ends_on": "2026-01-01"}, "O último dia vem antes do primeiro"),
        ({"cover": "julia"}, "Quem cobre precisa ser outra pessoa"),
        ({"user": "davi"}, "Faça uma escolha válida"),
        ({"cover": "davi"}, "Faça uma escolha válida"),
    ],
)
def test_absence_refuses(cast: Cast, changes: dict[str, str], text: str) -> None:
    data: dict[str, object] = {
        "user": cast.julia.pk,
        "cover": cast.caio.pk,
        "kind": "vacation",
        "starts_on": "2026-11-20",
        "ends_on": "2026-11-21",
    }
    data |= {name: getattr(cast, value).pk if hasattr(cast, value) else value for name, value in changes.items()}

    answer = as_(cast.sonia).post("/ausencias/nova/", data)

    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not Absence.objects.exists()


def test_absence_end_is_for_leaders_who_see_the_person(cast: Cast) -> None:
    today = timezone.localdate()
    absence = Absence.objects.create(user=cast.julia, cover=cast.davi, starts_on=today, ends_on=today)
    url = f"/ausencias/{absence.pk}/encerrar/"

    assert as_(cast.davi).post(url).status_code == 403
    assert as_(cast.norma).post(url).status_code == 404
    assert as_(cast.sonia).post(url).status_code == 302
    assert as_(cast.sonia).post(url).status_code == 404


# --- Forms and roles on their own -------------------------------------------------------------------------


def test_forms_write_only_their_fields() -> None:
    assert set(AccountForm.Meta.fields) == {"name", "phone", "theme", "single_key_shortcuts", "wants_digest"}
    assert "session_epoch" not in UserForm.Meta.fields
    assert "is_superuser" not in UserForm.Meta.fields
    assert set(TeamForm.Meta.fields) == {"name", "parent", "uf", "opened_on", "closed_on"}
    assert set(AbsenceForm.Meta.fields) == {"user", "cover", "kind", "starts_on", "ends_on"}


def test_every_role_has_rights_and_a_reach() -> None:
    assert set(PERMISSIONS) == set(REACH) == set(Role)
    assert PERMISSIONS[Role.ADMIN] == frozenset(Permission)
    assert {role for role in Role if REACH[role] is Reach.EVERYONE} == {Role.BACKOFFICE, Role.AUDITOR, Role.ADMIN}
    assert {role for role in Role if Permission.ASSIGN_CLIENTS in PERMISSIONS[role]} == {
        Role.SUPERVISOR,
        Role.MANAGER,
        Role.ADMIN,
    }


def test_user_may_nothing_once_disabled(cast: Cast) -> None:
    cast.ada.is_active = False

    assert [permission for permission in Permission if cast.ada.may(permission)] == []
    assert not cast.ada.is_staff
    assert not cast.ada.has_perm("people.change_user")


def test_names_of_a_user(cast: Cast) -> None:
    assert (cast.julia.get_full_name(), cast.julia.get_short_name(), str(cast.julia)) == (
        "Júlia Prado",
        "Júlia",
        "Júlia Prado",
    )
    assert str(cast.sul) == "Sul"


def test_superuser_of_the_command_line_is_an_admin() -> None:
    boss = User.objects.create_superuser("chefe@carteira.example", "uma senha bem comprida")

    assert (boss.role, boss.is_superuser, boss.name, boss.is_staff) == (
        Role.ADMIN,
        True,
        "chefe@carteira.example",
        True,
    )
