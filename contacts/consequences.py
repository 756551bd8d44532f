"""What an outcome changes besides its log (DOMAIN 3), one function per consequence."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brazil.names import folded
from clients import belongings, consents
from clients.models import Channel, Client, Email, Phone, Purpose
from contacts import promises
from contacts.models import Consequence, ContactLog, LogChannel, PlanMembership, Task
from people import activity
from people.models import Notification, TeamReach, User
from people.notifications import notify
from people.roles import Role

# The folded detail of an opt-out that closes one channel only; without it, all are closed.
THIS_CHANNEL = "so este canal"
REFUSABLE: Mapping[str, str] = {
    LogChannel.CALL: Channel.CALL,
    LogChannel.WHATSAPP: Channel.WHATSAPP,
    LogChannel.SMS: Channel.SMS,
    LogChannel.EMAIL: Channel.EMAIL,
    LogChannel.VISIT: Channel.VISIT,
    LogChannel.MEETING: Channel.VISIT,
    LogChannel.IN_PERSON: Channel.VISIT,
}
_REACH_KINDS = ("phone", "email")
# The kinds of records (contacts.effects) a consequence may change.
KINDS: Mapping[str, tuple[str, ...]] = {
    Consequence.REFUSED_FOR_GOOD: ("opt_out",),
    Consequence.WRONG_NUMBER: _REACH_KINDS,
    Consequence.UNREACHABLE: _REACH_KINDS,
    Consequence.BOUNCED: ("email",),
    Consequence.OPT_OUT: ("opt_out",),
    Consequence.DECEASED: ("client", "opt_out"),
    Consequence.SHIELDED: ("opt_out",),
}


class MomentMissingError(ValueError):
    """A callback was agreed, but not for when."""


def carry_out(log: ContactLog) -> None:
    """Runs inside the transaction that wrote `log` and holds the client's row."""
    if act := _ACTS.get(log.outcome.consequence):
        act(log)


def next_contact(log: ContactLog) -> Task | None:
    """The promise of the next contact: at the agreed moment, or sometime on its day."""
    if (log.next_at is None and log.next_on is None) or log.client.deceased_on:
        return None
    is_callback = log.outcome.consequence == Consequence.CALLBACK
    channel = log.next_channel or log.channel
    return promises.promise(
        log.client,
        by=log.by,
        kind=Task.Kind.CALLBACK if is_callback else Task.Kind.TASK,
        title=_title(channel),
        due_on=log.next_on,
        due_at=log.next_at,
        channel=channel,
        from_log=log,
    )


def _title(channel: str) -> str:
    return {
        LogChannel.CALL: _("Ligar de novo, como combinado"),
        LogChannel.WHATSAPP: _("Escrever no WhatsApp, como combinado"),
        LogChannel.SMS: _("Enviar SMS, como combinado"),
        LogChannel.EMAIL: _("Escrever um e-mail, como combinado"),
        LogChannel.VISIT: _("Visitar, como combinado"),
    }.get(LogChannel(channel), _("Falar de novo, como combinado"))


def _callback(log: ContactLog) -> None:
    if log.next_at is None and log.next_on is None:
        raise MomentMissingError


def _refused_for_good(log: ContactLog) -> None:
    _close(log, Channel.ANY, Purpose.OFFER)


def _opt_out(log: ContactLog) -> None:
    channel = REFUSABLE[log.channel] if folded(log.detail) == THIS_CHANNEL else Channel.ANY
    _close(log, channel, Purpose.ANY)


def _close(log: ContactLog, channel: str, purpose: str) -> None:
    reason = _("Registrado no contato: %(outcome)s") % {"outcome": log.outcome.label}
    consents.opt_out(log.client, channel=channel, purpose=purpose, reason=reason, by=log.by)


def _wrong_number(log: ContactLog) -> None:
    _spoil(log, Phone.Status.WRONG_NUMBER)


def _unreachable(log: ContactLog) -> None:
    _spoil(log, Phone.Status.UNREACHABLE)


def _spoil(log: ContactLog, status: str) -> None:
    """The number that was used is good no more. By mail, the address."""
    phone = log.client.phones.filter(pk=log.phone_id or 0).first()
    if log.channel == LogChannel.EMAIL:
        bounced(log)
    elif phone is not None:
        belongings.change(phone, {"status": status}, by=log.by)
        _give_way(phone, log.client.phones.filter(status=Phone.Status.OK), by=log.by)


def bounced(log: ContactLog) -> None:
    """The address that was written to is good no more, whoever says so: the seller, or the mail server."""
    came_back(log.client, log.used, by=log.by)


def came_back(client: Client, address: str, *, by: User | None) -> None:
    """What the client refused stays refused."""
    email = client.emails.filter(address=address, status=Email.Status.OK).first()
    if email is not None:
        belongings.change(email, {"status": Email.Status.INVALID}, by=by)
        _give_way(email, client.emails.filter(status=Email.Status.OK), by=by)


def _give_way(lost: Phone | Email, good: QuerySet[Any], *, by: User | None) -> None:
    """The next good one becomes the primary one; without any, the lost one stays."""
    heir = good.exclude(pk=lost.pk).order_by("pk").first() if lost.is_primary else None
    if heir is not None:
        belongings.make_primary(heir, by=by)


def _deceased(log: ContactLog) -> None:
    """Everything stops: contacts of any kind, open promises, running plans."""
    client, day = log.client, timezone.localtime(log.started_at).date()
    everyone = Client.objects.unscoped(reason="the client of the contact")
    if everyone.filter(pk=client.pk, deceased_on=None).update(deceased_on=day):
        activity.record("deceased", client, by=log.by)
    _close(log, Channel.ANY, Purpose.ANY)
    for task in client.tasks.filter(done_at=None, is_cancelled=False):
        promises.cancel(task, by=log.by)
    running = client.plan_memberships.filter(state=PlanMembership.State.RUNNING)
    running.update(state=PlanMembership.State.STOPPED, ended_at=timezone.now(), end_reason=_("Cliente falecido"))


def _shielded(log: ContactLog) -> None:
    """Minors, the incapable and suspected fraud get no offers, and who leads the owner hears of it."""
    _close(log, Channel.ANY, Purpose.OFFER)
    text = _("%(client)s: %(outcome)s. Ofertas paradas; confira o registro.")
    said = text % {"client": log.client.display_name, "outcome": log.outcome.label}
    url = log.client.get_absolute_url()
    notices = notify(leaders_of(log.client), Notification.Kind.CASE, said, url=url, by=log.by)
    log.effects["notices"] = [notice.pk for notice in notices]


def leaders_of(client: Client) -> list[User]:
    """Who leads the owner's team (without an owner, the client's own); when nobody does, who leads above it."""
    team_id = client.owner.team_id if client.owner else client.team_id
    above = TeamReach.objects.filter(below=team_id).values("above")
    leaders = list(User.objects.filter(team__in=above, is_active=True, role__in=(Role.SUPERVISOR, Role.MANAGER)))
    return [leader for leader in leaders if leader.team_id == team_id] or leaders


_ACTS: Mapping[str, Callable[[ContactLog], None]] = {
    Consequence.CALLBACK: _callback,
    Consequence.REFUSED_FOR_GOOD: _refused_for_good,
    Consequence.WRONG_NUMBER: _wrong_number,
    Consequence.UNREACHABLE: _unreachable,
    Consequence.BOUNCED: bounced,
    Consequence.OPT_OUT: _opt_out,
    Consequence.DECEASED: _deceased,
    Consequence.SHIELDED: _shielded,
}
