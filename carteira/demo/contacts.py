"""What sellers and clients of the demo said to each other in half a year, what was promised, whose birthday it is."""

import datetime
import random
from collections.abc import Iterator

from django.db.models import QuerySet

from brazil.holidays import is_working_day
from clients.models import Client, PortfolioClass, Purpose
from contacts import pulse
from contacts.models import ContactLog, ContactOutcome, Direction, LogChannel, OutcomeGroup, Task
from people.models import User

BATCH = 2000
HALF_YEAR = 182
EVERY = {"A": 30, "B": 60, "C": 90, "D": 120, "": 75}
CALL, WHATSAPP, EMAIL = LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.EMAIL
# Channel, outcome, how often, and what a seller writes then.
SAID: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    (CALL, "no_answer", 16, ("",)),
    (CALL, "voicemail", 6, ("", "Deixei recado.")),
    (CALL, "busy", 3, ("",)),
    (CALL, "after_sale", 12, ("Tudo certo com o contrato.", "Gostou do atendimento.", "Sem pendências.")),
    (CALL, "interested", 9, ("Quer ver a proposta por escrito.", "Pediu simulação com prazo maior.")),
    (CALL, "callback", 7, ("Estava em reunião.", "Pediu para ligar depois do almoço.")),
    (CALL, "not_now", 5, ("Achou a taxa alta.", "Vai esperar virar o ano.")),
    (CALL, "updated", 3, ("Mudou de endereço.", "Trocou o celular.")),
    (WHATSAPP, "sent", 10, ("",)),
    (WHATSAPP, "interested", 4, ("Respondeu que tem interesse.",)),
    (WHATSAPP, "wants_proposal", 4, ("Pediu a proposta com duas opções.",)),
    (EMAIL, "sent", 5, ("",)),
)
PROMISES = (
    "Mandar a simulação com prazo maior",
    "Levar a proposta revisada",
    "Confirmar a documentação",
    "Falar com a sócia",
    "Retorno combinado",
)
CELEBRATING = ("Lúcia Helena Barros", "Padaria Pão da Vila Ltda ME"), ("Sônia Prates",)


def write_contacts(now: datetime.datetime, *, seed: int) -> int:
    """How many contacts were written."""
    rng = random.Random(seed)  # noqa: S311  (the same company every time)
    outcomes = {outcome.code: outcome for outcome in ContactOutcome.objects.all()}
    logs = [log for client in _owned() for log in _talks(rng, client, outcomes, now)]
    logs.sort(key=lambda log: log.started_at)
    ContactLog.objects.bulk_create(logs, batch_size=BATCH)
    pulse.refresh(None)
    Task.objects.bulk_create(_promises(rng, now))
    _celebrate(now.date())
    return len(logs)


def _owned() -> QuerySet[Client]:
    return (
        Client.objects.unscoped(reason="of the demo company")
        .filter(owner__isnull=False)
        .select_related("owner", "cycle")
        .prefetch_related("phones")
        .order_by("pk")
    )


def _talks(
    rng: random.Random, client: Client, outcomes: dict[str, ContactOutcome], now: datetime.datetime
) -> Iterator[ContactLog]:
    """In the rhythm of its tier, seldom for who stopped buying; sellers forget one in six."""
    every = EVERY[client.cycle.tier] * (2 if client.portfolio_class == PortfolioClass.INACTIVE else 1)
    days_ago = rng.randint(2, every)
    born = (now - client.created_at).days
    while days_ago < min(HALF_YEAR, born):
        day = now.date() - datetime.timedelta(days=days_ago)
        if is_working_day(day) and rng.random() > 0.17:
            yield _talk(rng, client, outcomes, _moment(rng, day, now))
        days_ago += max(4, round(every * rng.uniform(0.6, 1.3)))


def _talk(rng: random.Random, client: Client, outcomes: dict[str, ContactOutcome], at: datetime.datetime) -> ContactLog:
    channel, code, _weight, notes = rng.choices(SAID, [weight for _, _, weight, _ in SAID])[0]
    phone = next(iter(client.phones.all()), None) if channel != EMAIL else None
    outcome = outcomes[code]
    reached = outcome.group == OutcomeGroup.REACHED
    assert client.owner is not None  # noqa: S101  (only the owned are asked for)
    return ContactLog(
        client=client,
        by=client.owner,
        channel=channel,
        direction=Direction.IN if reached and rng.random() < 0.12 else Direction.OUT,
        purpose=Purpose.OFFER if code in {"not_now", "interested"} else Purpose.SERVICE,
        started_at=at,
        seconds=rng.randint(60, 900) if reached and channel == CALL else None,
        phone=phone,
        used=phone.e164 if phone else "",
        outcome=outcome,
        group=outcome.group,
        note=rng.choice(notes),
        is_highlight=reached and rng.random() < 0.05,
        created_at=at,
    )


def _promises(rng: random.Random, now: datetime.datetime) -> Iterator[Task]:
    """Every seller has something due today, some at an agreed hour, and something in the days to come."""
    sellers = User.objects.filter(role="seller", is_active=True).order_by("pk")
    for seller in sellers:
        clients = list(Client.objects.unscoped(reason="of the demo company").filter(owner=seller).order_by("pk"))
        for place, client in enumerate(rng.sample(clients, min(8, len(clients)))):
            due_on = now.date() + datetime.timedelta(days=(0, 0, -1, 0, 1, 2, 3, 6)[place])
            hour = datetime.time(rng.randint(9, 16), rng.choice((0, 30)))
            at = datetime.datetime.combine(due_on, hour, tzinfo=now.tzinfo) if place % 2 == 0 else None
            yield Task(
                client=client,
                kind=Task.Kind.CALLBACK,
                title=rng.choice(PROMISES),
                channel=CALL,
                due_on=due_on,
                due_at=at,
                created_by=seller,
                created_at=now - datetime.timedelta(days=3),
            )


def _celebrate(today: datetime.date) -> None:
    """The day of the load shows what birthdays look like."""
    for days, names in enumerate(CELEBRATING):
        day = today + datetime.timedelta(days=days)
        for client in Client.objects.unscoped(reason="of the demo company").filter(name__in=names):
            year = client.birth_date.year if client.birth_date else day.year - 40
            # 29 February is nobody's birthday here.
            client.birth_date = datetime.date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)
            client.save(update_fields=["birth_date"])


def _moment(rng: random.Random, day: datetime.date, now: datetime.datetime) -> datetime.datetime:
    at = datetime.time(rng.randint(9, 17), rng.randrange(60))
    return min(datetime.datetime.combine(day, at, tzinfo=now.tzinfo), now)
