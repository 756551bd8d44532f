"""Whom a message goes to: everything about a client that it is written from and addressed by, read in one question."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_date

from clients.models import Client, ContactPerson, Email, Phone, Purpose
from contacts import wording
from contacts.models import (
    ContactLog,
    ContactPlan,
    Direction,
    MessageChannel,
    PlanMembership,
    Task,
)
from contracts.models import Contract
from contracts.validity import in_force_on
from core.statements import Later, Statement
from jobs.models import OutboxMessage

OFFERS = (Purpose.OFFER, Purpose.ANY)
# What the outbox calls the messages of each channel.
KINDS: Final = {
    MessageChannel.EMAIL.value: "contact_email",
    MessageChannel.WHATSAPP.value: "contact_whatsapp",
    MessageChannel.SMS.value: "contact_sms",
}


@dataclass(frozen=True, kw_only=True)
class Correspondent:
    """`tasks` are the open ones and `memberships` the running ones, with no more than a message needs of them."""

    client: Client
    phones: list[Phone]
    emails: list[Email]
    tasks: list[Task]
    memberships: list[PlanMembership]
    person: str
    deal: wording.Deal
    is_served: bool
    # Channels by which an offer has gone out.
    offered: frozenset[str]

    def phones_for(self, channel: str) -> list[Phone]:
        """Those in use that take the channel, the primary one first."""
        phones = [phone for phone in self.phones if phone.status == Phone.Status.OK]
        if channel == MessageChannel.SMS:
            return [phone for phone in phones if phone.kind != Phone.Kind.LANDLINE]
        return [phone for phone in phones if phone.takes_whatsapp]

    @property
    def usable_email(self) -> Email | None:
        return next((email for email in self.emails if email.status == Email.Status.OK), None)

    @property
    def usual_channel(self) -> str:
        if self.phones_for(MessageChannel.WHATSAPP) or self.usable_email is None:
            return MessageChannel.WHATSAPP
        return MessageChannel.EMAIL


def read(client: Client) -> Correspondent:
    (row,) = STATEMENT.ask(pk=client.pk, on=timezone.localdate())
    return Correspondent(
        client=client,
        phones=[Phone(client=client, **phone) for phone in row["phone_rows"]],
        emails=[Email(client=client, **email) for email in row["email_rows"]],
        tasks=[Task(client=client, **task) for task in row["open_tasks"]],
        memberships=[_membership(client, **member) for member in row["members"]],
        person=row["person"] or "",
        deal=_deal(row["deal"]),
        is_served=row["is_served"],
        offered=frozenset(row["offered"]),
    )


def _membership(client: Client, *, plan: int, purpose: str, **said: Any) -> PlanMembership:
    return PlanMembership(client=client, plan=ContactPlan(pk=plan, purpose=purpose), **said)


def _deal(said: dict[str, Any] | None) -> wording.Deal:
    if said is None:
        return wording.Deal()
    amount = None if said["amount"] is None else Decimal(str(said["amount"]))
    return wording.Deal(said["product"] or "", parse_date(said["ends_on"] or ""), amount)


def _of(model: Any) -> Any:
    return model.objects.unscoped(reason="of a client in hand").filter(client=OuterRef("pk"))


def _json(rows: QuerySet[Any], *names: str, **more: str) -> QuerySet[Any, Any]:
    return rows.values(row=JSONObject(**{name: name for name in names}, **more))


def _given_up() -> QuerySet[OutboxMessage]:
    """A message that never left has told nobody who writes and how to stop."""
    kinds = [KINDS[channel] for channel in wording.SAYS_HOW_TO_STOP]
    failed = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED)
    return failed.filter(kind__in=kinds, subject_id=OuterRef("pk"))


def _statement() -> QuerySet[Any, Any]:
    on = Later("on")
    running = _of(PlanMembership).filter(state=PlanMembership.State.RUNNING)
    offers = _of(ContactLog).filter(~Exists(_given_up()), direction=Direction.OUT, purpose__in=OFFERS, undone_at=None)
    deals = wording.in_force(_of(Contract), on)
    return (
        Client.objects.unscoped(reason="a client in hand")
        .filter(pk=Later("pk"))
        .values(
            phone_rows=ArraySubquery(_json(_of(Phone), "id", "e164", "kind", "status", "is_whatsapp", "is_primary")),
            email_rows=ArraySubquery(_json(_of(Email), "id", "address", "status", "is_primary")),
            open_tasks=ArraySubquery(_json(_of(Task).filter(done_at=None, is_cancelled=False), "id", "kind")),
            members=ArraySubquery(_json(running, "id", "step_id", plan="plan_id", purpose="plan__purpose")),
            person=Subquery(_of(ContactPerson).filter(decides=True).order_by("pk").values("name")[:1]),
            deal=Subquery(_json(deals, "ends_on", "amount", product="product__name")[:1]),
            is_served=Exists(_of(Contract).filter(in_force_on(on))),
            offered=ArraySubquery(offers.order_by().values("channel").distinct()),
        )
    )


STATEMENT = Statement(_statement)
