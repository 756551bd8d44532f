"""Notes and the colleagues they call."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from contacts import notes
from people.models import Absence, Activity, Notification, User
from people.roles import Role
from tests.factories import Cast, make_client, make_team, make_user


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


def test_colleagues_of_a_client_are_those_who_see_it(cast: Cast) -> None:
    """The same rule asked from both sides, for clients of sellers, of teams and of nobody."""
    today = timezone.localdate()
    oeste = make_team("Oeste", parent=cast.sul)
    lia, rita = make_user("Lia", team=oeste), make_user("Rita", team=cast.norte)
    make_user("Foi embora", role=Role.ADMIN, is_active=False)
    make_user("Gerente sem equipe", role=Role.MANAGER)
    for cover, ended in ((rita, None), (cast.davi, timezone.now())):
        Absence.objects.create(user=lia, cover=cover, starts_on=today, ends_on=today, ended_early_at=ended)
    clients = [make_client(owner=owner) for owner in (cast.julia, cast.davi, cast.sonia, cast.mauro, lia)]
    clients += [make_client(team=team) for team in (cast.sul, cast.brasil, oeste, None)]
    for client in clients:
        seeing = {user for user in User.objects.all() if Client.objects.visible_to(user).filter(pk=client.pk).exists()}
        assert set(notes.colleagues_of(client)) == seeing


def test_note_tells_whom_it_calls(cast: Cast, ana: Client) -> None:
    note = notes.create(ana, by=cast.julia, text="Veja com @Sônia Reis e @bento, por favor", is_highlight=True)
    assert set(note.mentions.all()) == {cast.sonia, cast.bento}
    notice = Notification.objects.get(recipient=cast.sonia)
    assert (notice.text, notice.kind) == ("Júlia Prado citou você numa anotação sobre Ana.", "mention")
    line = Activity.objects.get(verb="note_created")
    assert line.changes == {"note": note.pk, "mentions": [cast.sonia.pk, cast.bento.pk]}


@pytest.mark.parametrize("text", ["Fale com @Davi Lobo", "julia@sonia.example", "@", "@ninguém", "sem menção"])
def test_note_calls_nobody_who_may_not_see_the_client(cast: Cast, ana: Client, text: str) -> None:
    assert not notes.create(ana, by=cast.julia, text=text).mentions.exists()
    assert not Notification.objects.exists()


def test_whole_names_win_over_first_names(cast: Cast, ana: Client) -> None:
    longer = make_user("Sônia Reis Lima", role=Role.BACKOFFICE)
    assert notes.mentioned("oi @Sônia Reis Lima", notes.colleagues_of(ana)) == [longer]
    assert notes.mentioned("oi @SONIA REIS, tudo bem", notes.colleagues_of(ana)) == [cast.sonia]
    assert notes.mentioned("oi @Sônia", notes.colleagues_of(ana)) == []


def test_suggestions_begin_with_what_was_typed(cast: Cast, ana: Client) -> None:
    assert notes.suggested(ana, "so") == [cast.sonia]
    assert notes.suggested(ana, "rei") == [cast.sonia]
    assert notes.suggested(ana, "davi") == []


def test_cover_that_is_over_is_not_called(cast: Cast, ana: Client) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Absence.objects.create(user=cast.julia, cover=cast.davi, starts_on=yesterday, ends_on=yesterday)
    assert notes.suggested(ana, "davi") == []
