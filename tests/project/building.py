"""Makes the world of the walk: every field a canary, one record of each kind for everybody who may have one."""

import datetime
import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.utils import timezone

from brazil.names import folded
from clients import search
from clients.models import (
    Address,
    Client,
    Consent,
    ContactPerson,
    DistributionReason,
    Email,
    OptOut,
    Ownership,
    Phone,
    PortfolioClass,
    Segment,
)
from contacts.models import BlockList, ContactPlan, PlanMembership, PlanStep, Task
from contacts.models.rules import BlockListLoad
from contracts.models import ClassChange, ClientCycle, Contract, Purchase
from imports.models import ImportBatch, ImportRow, Plan, State
from jobs.models import Job, JobStep, OutboxMessage
from nps.models import Survey
from people.models import Absence, Notification, Team, User
from portfolio.models import (
    CalendarFeed,
    DistributionBatch,
    DistributionMove,
    DistributionRule,
    Postponement,
    SegmentPlan,
)
from tests.factories import make_cast, make_family, make_product, make_team, make_user
from tests.project.canaries import Canaries
from tests.project.spoken import spoken
from tests.project.surveyed import surveyed
from tests.project.worded import words
from tests.project.world import ACTORS, ALL, EVERYBODYS, OTHERS, World


def build() -> World:
    cast, canaries = make_cast(), Canaries()
    people = {name: getattr(cast, name) for name in ACTORS if hasattr(cast, name)}
    people["caio"] = cast.caio
    people["lia"] = make_user("Lia Mota", team=cast.norte, email="mota@carteira.example")
    oeste = make_team("Oeste", parent=cast.brasil)
    olga = make_user(canaries.word("name/olga", "name"), team=oeste, email="olga@carteira.example")
    for name, person in {**people, "olga": olga}.items():
        canaries.plant(f"person/{name}", "e-mail", person.email)
        person.phone = canaries.phone(f"person/{name}", "phone")
        person.save(update_fields=["phone"])
    world = World(cast, canaries, people, {})
    world.product = make_product("Produto um", family=make_family("Família um")).pk
    owners = {
        "júlia's": people["julia"],
        "caio's": people["caio"],
        "sônia's": people["sonia"],
        "davi's": people["davi"],
        "lia's": people["lia"],
        "mauro's": people["mauro"],
    }
    queues = {"queue of sul": cast.sul, "queue of norte": cast.norte, "queue of nobody": None}
    for number, label in enumerate(sorted(ALL)):
        _client(world, label, owner=owners.get(label), team=queues.get(label), number=number)
    _belongings_of_people(world, olga, oeste)
    _notices(world)
    _calendar(world)
    _segments(world)
    workers = {name: person for name, person in people.items() if name in ACTORS and name != "aurora"}
    for kind, label, pk in words(canaries, workers):
        _keep(world, kind, label, pk)
    _plans(world)
    _batches(world)
    _block_list(world)
    _keep(world, "survey", "pesquisa", Survey.objects.get().pk)
    search.refresh(list(world.records["client"].values()))
    handler = Browser(raise_request_exception=False).handler
    for actor in ACTORS:
        world.browsers[actor] = Browser(raise_request_exception=False)
        # One handler for all: each would read the list of static files anew.
        world.browsers[actor].handler = handler
        if actor in people:
            world.browsers[actor].force_login(people[actor])
    return world


def _keep(world: World, kind: str, label: str, pk: int) -> None:
    world.records.setdefault(kind, {})[label] = pk


def _client(world: World, label: str, *, owner: User | None, team: Team | None, number: int) -> None:
    make = world.canaries
    name = f"{make.word(label, 'name')} {make.word(label, 'surname')}"
    client = Client.objects.create(
        name=name,
        name_key=folded(name),
        social_name=make.word(label, "social name") if number % 3 == 0 else "",
        trade_name=make.word(label, "trade name"),
        code=make.word(label, "code"),
        document=make.cpf(label),
        person_type="PF",
        source=make.word(label, "source"),
        city=make.word(label, "city"),
        uf="SP",
        notes=make.word(label, "notes"),
        declared_amount=make.amount(label, "declared amount"),
        declared_product=make.word(label, "declared product"),
        owner=owner,
        team=owner.team if owner else team,
        portfolio_class=PortfolioClass.values[number % 4],
    )
    _keep(world, "client", label, client.pk)
    _hang(world, label, client, owner)
    _sell(world, label, client, owner)
    by = owner or world.cast.ada
    for kind, pk in {**spoken(make, label, client, by=by), **surveyed(make, label, client, by=by)}.items():
        _keep(world, kind, label, pk)
        if kind == "answer":
            _keep(world, f"{OTHERS}{kind}", label, pk)
    _keep(world, f"{OTHERS}client", label, client.pk)


def _hang(world: World, label: str, client: Client, owner: User | None) -> None:
    make = world.canaries
    for primary in (True, False):
        phone = Phone.objects.create(
            client=client,
            e164=make.phone(label, "phone"),
            kind="MOBILE",
            raw=make.word(label, "raw phone"),
            label=make.word(label, "phone label"),
            is_primary=primary,
        )
        email = Email.objects.create(
            client=client,
            address=make.email(label, "e-mail"),
            label=make.word(label, "e-mail label"),
            is_primary=primary,
        )
        address = Address.objects.create(
            client=client,
            label=make.word(label, "address label"),
            cep=make.cep(label),
            street=make.word(label, "street"),
            number="1",
            complement=make.word(label, "complement"),
            district=make.word(label, "district"),
            city=make.word(label, "address city"),
            uf="SP",
            is_primary=primary,
        )
    person = ContactPerson.objects.create(
        client=client,
        name=make.word(label, "contact person"),
        position=make.word(label, "position"),
        phone=make.phone(label, "contact phone"),
        email=make.email(label, "contact e-mail"),
    )
    for kind, record in {"phone": phone, "email": email, "address": address, "person": person}.items():
        _keep(world, kind, label, record.pk)
    by = owner or world.cast.ada
    put_off = Postponement.objects.create(client=client, until_on=timezone.localdate(), by=by)
    _keep(world, "postponement", label, put_off.pk)
    Consent.objects.create(
        client=client,
        channel="call",
        purpose="offer",
        granted=True,
        source=make.word(label, "consent source"),
        text_version=make.word(label, "consent text"),
    )
    OptOut.objects.create(client=client, channel="sms", reason=make.word(label, "opt-out reason"))
    if owner is not None:
        Ownership.objects.create(
            client=client,
            owner=owner,
            reason=DistributionReason.CREATED,
            note=make.word(label, "ownership note"),
        )


def _sell(world: World, label: str, client: Client, owner: User | None) -> None:
    make, today = world.canaries, timezone.localdate()
    purchase = Purchase.objects.create(
        client=client,
        product_id=world.product,
        number=make.word(label, "purchase number"),
        sold_on=today - datetime.timedelta(days=20),
        amount=make.amount(label, "purchase amount"),
        notes=make.word(label, "purchase notes"),
        seller=owner,
    )
    contract = Contract.objects.create(
        client=client,
        product_id=world.product,
        number=make.word(label, "contract number"),
        start_on=today - datetime.timedelta(days=300),
        end_on=today + datetime.timedelta(days=30),
        amount=make.amount(label, "contract amount"),
        notes=make.word(label, "contract notes"),
        seller=owner,
    )
    Contract.objects.create(
        client=client,
        number=make.word(label, "cancelled contract"),
        status=Contract.Status.CANCELLED,
        start_on=today - datetime.timedelta(days=900),
        cancelled_on=today - datetime.timedelta(days=600),
        cancel_reason=make.word(label, "cancel reason"),
    )
    _keep(world, "purchase", label, purchase.pk)
    _keep(world, "contract", label, contract.pk)
    last_on = today - datetime.timedelta(days=20)
    ClientCycle.objects.create(
        client=client, gaps=0, first_on=last_on, last_on=last_on, evaluated_for=today, contract=contract
    )
    ClassChange.objects.create(
        client=client, on=today, to_class=PortfolioClass.RENEWAL, reason="CONTRATO_A_VENCER", gaps=0
    )


def _belongings_of_people(world: World, olga: User, oeste: Team) -> None:
    cast, people = world.cast, world.people
    today = timezone.localdate()
    for label, away, cover in (("caio", people["caio"], people["lia"]), ("davi", people["davi"], None)):
        absence = Absence.objects.create(
            user=away, cover=cover, starts_on=today, ends_on=today + datetime.timedelta(days=9)
        )
        _keep(world, "absence", label, absence.pk)
    for label, person in {"julia": cast.julia, "davi": cast.davi, "olga": olga, "mauro": cast.mauro}.items():
        _keep(world, "user", label, person.pk)
        _keep(world, "seller", label, person.pk)
    for label, team in {"sul": cast.sul, "norte": cast.norte, "oeste": oeste}.items():
        _keep(world, "team", label, team.pk)


def _calendar(world: World) -> None:
    """Of somebody with clients: what anybody with the address reads holds initials alone."""
    digest = hashlib.sha256(b"secret-of-the-calendar").hexdigest()
    CalendarFeed.objects.create(user=world.people["julia"], digest=digest)
    due_on = timezone.localdate()
    Task.objects.create(
        client_id=world.records["client"]["júlia's"],
        title=world.canaries.word("júlia's", "task"),
        due_on=due_on,
        created_by=world.people["julia"],
    )


def _notices(world: World) -> None:
    for label, person in world.people.items():
        text = world.canaries.word(f"notice/{label}", "text")
        notice = Notification.objects.create(recipient=person, kind="system", text=text, url="/avisos/")
        if label in ACTORS:
            _keep(world, "notice", label, notice.pk)


def _segments(world: World) -> None:
    plan = ContactPlan.objects.create(name="Plano do segmento")
    for label, person in world.people.items():
        if label in ACTORS:
            name = world.canaries.word(f"segment/{label}", "name")
            segment = Segment.objects.create(name=name, owner=person, query="class=active", is_pinned=True)
            _keep(world, "segment", label, segment.pk)
            link = SegmentPlan.objects.create(segment=segment, plan=plan, by=person, keeps_filling=True)
            _keep(world, "segment_plan", label, link.pk)


def _plans(world: World) -> None:
    """Every client is in one plan and has left it once before; the other takes anybody in."""
    plan = ContactPlan.objects.create(name="Plano de alguns")
    steps = [PlanStep.objects.create(plan=plan, position=place, title="Ligar") for place in (1, 2)]
    PlanStep.objects.create(plan=ContactPlan.objects.create(name="Plano de todos"), title="Ligar")
    _keep(world, "plan", "plano", plan.pk)
    _keep(world, "plan_step", "plano", steps[1].pk)
    today = timezone.localdate()
    for label, client in world.records["client"].items():
        inside = {"client_id": client, "plan": plan, "anchored_on": today}
        running = PlanMembership.objects.create(**inside, step=steps[0], due_on=today)
        PlanMembership.objects.create(
            **inside, state="stopped", ended_at=timezone.now(), end_reason=world.canaries.word(label, "end of a plan")
        )
        _keep(world, "membership", label, running.pk)


def _batches(world: World) -> None:
    DistributionRule.objects.create(name="Todos", criterion=DistributionRule.Criterion.ANY)
    queues = {"sonia": ["queue of sul"], "norma": ["queue of norte"], "ada": ["queue of nobody"]}
    for label in sorted(EVERYBODYS):
        by = world.people.get(label)
        batch = DistributionBatch.objects.create(created_by=by, placed=1)
        for queue in queues.get(label, ["queue of sul", "queue of norte", "queue of nobody"]):
            DistributionMove.objects.create(
                batch=batch,
                client_id=world.records["client"][queue],
                seller=world.cast.julia,
                reason=world.canaries.word(queue, "reason of the move"),
                client_version=1,
            )
        _keep(world, "distribution", label, batch.pk)
        local_date = timezone.localdate() if by is None else None
        job = Job.objects.create(kind="nightly" if by is None else "selfcheck", created_by=by, local_date=local_date)
        JobStep.objects.create(job=job, name="classify", position=1)
        _keep(world, "job", label, job.pk)
        message = OutboxMessage.objects.create(
            kind="export_notice",
            dedupe_key=f"world {label}",
            recipient=world.canaries.email(f"outbox/{label}", "recipient"),
            subject=world.canaries.word(f"outbox/{label}", "subject"),
            body=world.canaries.word(f"outbox/{label}", "body"),
            state=OutboxMessage.State.UNKNOWN,
            created_by=by,
        )
        _keep(world, "outbox", label, message.pk)
        if by is not None:
            _import(world, label, by)


def _block_list(world: World) -> None:
    make = world.canaries
    block_list = BlockList.objects.create(
        name=make.word("block_list/lista", "name"), source=make.word("block_list/lista", "source")
    )
    load = BlockListLoad.objects.create(
        block_list=block_list,
        state=BlockListLoad.State.DONE,
        file=ContentFile(b"", name="lista.csv"),
        original_name=make.word("list_load/lista", "file name"),
        size=1,
        bad=1,
        problems=ContentFile(b"Linha;Conte\xc3\xbado;Motivo\r\n1;x;y\r\n", name="lista.csv"),
        created_by=world.people["ada"],
    )
    _keep(world, "block_list", "lista", block_list.pk)
    _keep(world, "list_load", "lista", load.pk)


STATES = {"sonia": State.CHECKED, "mauro": State.DONE, "norma": State.CHECKED, "ada": State.UPLOADED}


def _import(world: World, label: str, by: User) -> None:
    make, tag = world.canaries, f"import/{label}"
    name, note, source = make.word(tag, "row name"), make.word(tag, "row note"), make.word(tag, "source")
    text = f"nome;documento\n{name};{make.cpf(tag)}\n"
    table: dict[str, Any] = {"format": "csv", "encoding": "utf-8", "delimiter": ";", "header_line": 1}
    batch = ImportBatch.objects.create(
        kind="clients",
        state=STATES[label],
        file=ContentFile(text.encode(), name="planilha.csv"),
        original_name=f"{make.word(tag, 'file name')}.csv",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text),
        source=source,
        table={**table, "header": ["nome", "documento"], "sheets": []},
        sample=[text.splitlines()[1].split(";")],
        records=2,
        mapping={"0": "nome", "1": "documento"},
        totals={"plans": {"create": 1, "reject": 1}, "effects": {"created": 1} if label == "mauro" else {}},
        created_by=by,
    )
    for position, plan in ((1, Plan.CREATE), (2, Plan.REJECT)):
        ImportRow.objects.create(
            batch=batch,
            position=position,
            line=position + 1,
            outcome="valid" if plan == Plan.CREATE else "rejected",
            reason="" if plan == Plan.CREATE else "name_missing",
            raw=[name, make.word(tag, "raw cell")],
            values={"name": name, "phones": [], "emails": [make.email(tag, "row e-mail")]},
            plan=plan,
            note=note,
        )
    _keep(world, "import", label, batch.pk)
