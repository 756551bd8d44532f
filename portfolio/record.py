"""One client with what hangs on it, in two queries, and what the page says about it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, Subquery, Sum
from django.db.models.functions import JSONObject
from django.http import Http404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brazil.documents import mask_document, person_type_of
from brazil.phones import format_phone
from clients.models import (
    Address,
    Client,
    Consent,
    ContactPerson,
    Email,
    OptOut,
    Phone,
    PortfolioClass,
    Tag,
)
from clients.models.client import PersonType
from contacts.models import Attachment
from contracts import classification
from contracts.models import ClientCycle, Contract, Purchase
from core.addresses import address
from core.statements import Later, Records
from core.templatetags.formats import day, money
from people.models import User
from portfolio import contact_rule, numbers, pending, satisfaction
from portfolio.next_action import read_jobs, read_members
from portfolio.reach import mark_of
from portfolio.rows import YEAR

OPEN = (Contract.Status.SIGNED, Contract.Status.IN_FORCE)
CNPJ_LENGTH = 14
MOST_JOBS = 12
_NESTED: dict[str, tuple[type[Model], tuple[str, ...], tuple[str, ...]]] = {
    "phone_rows": (
        Phone,
        ("id", "e164", "kind", "extension", "is_whatsapp", "status", "label", "is_primary"),
        ("-is_primary", "pk"),
    ),
    "email_rows": (Email, ("id", "address", "label", "status", "is_primary"), ("-is_primary", "pk")),
    "person_rows": (
        ContactPerson,
        ("id", "name", "position", "phone", "email", "decides"),
        ("-decides", "name", "pk"),
    ),
    "address_rows": (
        Address,
        ("id", "label", "cep", "street", "number", "complement", "district", "city", "uf", "is_primary"),
        ("-is_primary", "pk"),
    ),
    "opt_out_rows": (OptOut, ("id", "channel", "purpose", "reason", "at"), ("-at", "pk")),
    "consent_rows": (Consent, ("id", "channel", "purpose", "granted", "at"), ("-at", "-pk")),
    "file_rows": (Attachment, ("id", "name", "size", "at", "removed_at"), ("-at", "-pk")),
}


def _nested(model: Any, fields: Iterable[str], order: tuple[str, ...]) -> ArraySubquery:
    """The client's rows of one model as JSON: small tables in one round trip."""
    rows = model.objects.unscoped(reason="of a visible client").filter(client=OuterRef("pk"))
    return ArraySubquery(rows.order_by(*order).values(row=JSONObject(**{name: name for name in fields})))


# Of the people and the contract only what the page says: a user alone has 25 columns.
_FIELDS = (
    *(field.name for field in Client._meta.concrete_fields),
    *(f"cycle__{field.name}" for field in ClientCycle._meta.concrete_fields),
    *("owner__name", "created_by__name", "sector__name", "cycle__contract__cancelled_on"),
    *("pulse__last_at", "pulse__reached_at"),
)


def _client() -> Any:
    """One client with its numbers and what hangs on it."""
    on = Later("on")
    tags = Tag.objects.filter(clients=OuterRef("pk")).order_by("key").values("name")
    bought = (
        Purchase.objects.unscoped(reason="of a visible client")
        .filter(client=OuterRef("pk"), status=Purchase.Status.COMPLETED, sold_on__gt=Later("since"), sold_on__lte=on)
        .order_by()
        .values("client")
        .values(total=Sum("amount"))
    )
    clients = Client.objects.unscoped(reason="found among the visible").filter(pk=Later("pk"))
    numbered = classification.numbered(clients, {name: Later(name) for name in classification.GIVEN})
    return (
        numbered.annotate(
            tag_names=ArraySubquery(tags),
            bought_in_year=Subquery(bought),
            jobs=pending.jobs(most=MOST_JOBS),
            members=pending.members(),
            spoken_at=pending.spoken(),
            put_off_until=pending.put_off(),
            **satisfaction.subqueries(),
            **{name: _nested(*parts) for name, parts in _NESTED.items()},
        )
        .select_related("owner", "sector", "created_by", "cycle__contract", "pulse")
        .only(*_FIELDS)
    )


CLIENT = Records[Any](_client)


def client_or_404(pk: int, *, user: User, on: datetime.date) -> Any:
    """The visible client with its numbers, phones, e-mails, people, addresses, tags and refusals."""
    is_visible = Client.objects.visible_to(user).filter(pk=pk).exists()
    given = {"since": on - YEAR, "rule_since": contact_rule.since(on), **numbers.given(on)}
    found = CLIENT.ask(pk=pk, **given) if is_visible else []
    if not found:
        raise Http404
    (client,) = found
    for name, (model, *_rest) in _NESTED.items():
        setattr(client, name, [model(client_id=pk, **row) for row in getattr(client, name)])
    for phone in client.phone_rows:
        phone.shown, phone.mark = format_phone(phone.e164), mark_of(phone.e164)
    for person in client.person_rows:
        person.mark = mark_of(person.phone)
    for row in (*client.opt_out_rows, *client.consent_rows, *client.file_rows):
        row.at = parse_datetime(row.at)
    client.file_rows = [file for file in client.file_rows if file.removed_at is None]
    client.jobs, client.members = read_jobs(client.jobs), read_members(client.members)
    pulse = getattr(client, "pulse", None)
    client.reached_at = pulse.reached_at if pulse else None
    return client


def _contracts() -> Any:
    contracts = Contract.objects.unscoped(reason="of a visible client").filter(client=Later("client"))
    ends = F("end_on").asc(nulls_last=True)
    return contracts.select_related("product", "institution").order_by(ends, "pk")


CONTRACTS = Records[Contract](_contracts)


def consents_of(client: Any) -> list[Consent]:
    """The decision in force for each channel and purpose."""
    newest: dict[tuple[str, str], Consent] = {}
    for consent in client.consent_rows:
        newest.setdefault((consent.channel, consent.purpose), consent)
    return [newest[key] for key in sorted(newest)]


def contracts_of(client: Client) -> list[Contract]:
    """All of them, the one that ends first on top."""
    return CONTRACTS.ask(client=client.pk)


@dataclass(frozen=True)
class Term:
    """A contract with the part of its time that has gone by."""

    contract: Contract
    elapsed: int
    colour: str
    when: str
    is_open: bool


def term_of(contract: Contract, *, deciding: int | None, on: datetime.date) -> Term:
    """`deciding` is the contract that put the client in renewal, if one did."""
    last, begun = contract.last_day, contract.start_on
    is_open = contract.status in OPEN and (last is None or last >= on or contract.pk == deciding)
    elapsed = 0
    if begun and last:
        elapsed = round(100 * min(max((on - begun).days / max((last - begun).days, 1), 0), 1))
    standing = "f-ativa" if is_open else "f-inativa"
    colour = "f-renova" if contract.pk == deciding else standing
    return Term(contract, elapsed, colour, _when(contract, last, on=on), is_open)


def _when(contract: Contract, last: datetime.date | None, *, on: datetime.date) -> str:
    if contract.status not in Contract.BINDING:
        return contract.get_status_display()
    if contract.cancelled_on and contract.cancelled_on <= on:
        return _("cancelado em %(day)s") % {"day": day(contract.cancelled_on)}
    if contract.cancelled_on:
        return _("cancelamento em %(day)s") % {"day": day(contract.cancelled_on)}
    if contract.start_on and contract.start_on > on:
        return _("começa em %(day)s") % {"day": day(contract.start_on)}
    if last is None:
        return _("sem data de fim")
    return (_("vence %(day)s") if last >= on else _("venceu %(day)s")) % {"day": day(last)}


def terms_of(client: Any, contracts: list[Contract], *, on: datetime.date) -> list[Term]:
    cycle = getattr(client, "cycle", None)
    in_renewal = client.portfolio_class == PortfolioClass.RENEWAL
    deciding = cycle.contract_id if cycle and in_renewal else None
    return [term_of(contract, deciding=deciding, on=on) for contract in contracts]


def value_of(client: Any, contracts: list[Contract], *, on: datetime.date) -> tuple[str, str]:
    """Label and amount: per month while contracts run, else what was bought in 12 months."""
    monthly = sum((contract.amount or Decimal(0) for contract in contracts if runs_on(contract, on)), Decimal(0))
    if monthly:
        return _("Receita mensal"), money(monthly)
    return _("Compras em 12 meses"), money(client.bought_in_year or 0)


def runs_on(contract: Contract, on: datetime.date) -> bool:
    last = contract.last_day
    begun = contract.start_on is not None and contract.start_on <= on
    return contract.status in Contract.BINDING and begun and (last is None or last >= on)


def client_for(client: Any, *, on: datetime.date) -> str:
    """Cliente há 6 anos; empty for who never bought."""
    first = client.cycle.first_on if getattr(client, "cycle", None) else None
    if first is None:
        return ""
    years, months = (on - first).days // 365, (on - first).days // 30
    if years:
        return ngettext("Cliente há %(n)s ano", "Cliente há %(n)s anos", years) % {"n": years}
    if months:
        return ngettext("Cliente há %(n)s mês", "Cliente há %(n)s meses", months) % {"n": months}
    return _("Cliente novo")


@dataclass(frozen=True)
class Fact:
    """One point of data quality: present, or missing with the place to mend it."""

    ok: bool
    text: str
    fix_url: str = ""
    fix_label: str = ""


def quality_of(client: Any) -> list[Fact]:
    is_company = client.person_type == PersonType.COMPANY
    edit = address("clients:client_edit", client.pk)
    emails = client.email_rows
    usable_email = any(email.status == Email.Status.OK for email in emails)
    kind = "CNPJ" if is_company else "CPF"
    add = _("Adicionar")
    return [
        _fact(
            bool(person_type_of(client.document)),
            yes=_("%(kind)s válido") % {"kind": kind},
            no=_("CPF ou CNPJ vazio"),
            url=edit,
            label=_("Preencher"),
        ),
        _fact(
            any(phone.status == Phone.Status.OK for phone in client.phone_rows),
            yes=_("Telefone em uso"),
            no=_("Nenhum telefone em uso"),
            url=address("clients:phone_add", client.pk),
            label=add,
        ),
        _fact(
            usable_email,
            yes=_("E-mail em uso"),
            no=_("E-mail voltou") if emails else _("Sem e-mail"),
            url=address("clients:email_add", client.pk),
            label=_("Corrigir") if emails else add,
        ),
        _fact(
            client.birth_date is not None,
            yes=_("Data de fundação") if is_company else _("Data de nascimento"),
            no=_("Data de fundação vazia") if is_company else _("Data de nascimento vazia"),
            url=edit,
            label=_("Preencher"),
        ),
        _fact(
            any(address.cep for address in client.address_rows),
            yes=_("Endereço com CEP"),
            no=_("Sem CEP"),
            url=address("clients:address_add", client.pk),
            label=add,
        ),
    ]


def _fact(ok: bool, *, yes: str, no: str, url: str, label: str) -> Fact:
    return Fact(True, yes) if ok else Fact(False, no, url, label)


def document_label(client: Client) -> str:
    if not client.document:
        return ""
    kind = "CNPJ" if len(client.document) == CNPJ_LENGTH else "CPF"
    return f"{kind} {mask_document(client.document)}"
