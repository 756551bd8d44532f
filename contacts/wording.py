"""The words of templates, filled for one client: variables of an allow-list, replaced in one pass, no template engine.

An unknown or empty variable blocks sending and says what is missing and what to do (DOMAIN 3, templates).
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import DateField, Expression, F, Func, Q, QuerySet
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brazil.money import format_money
from brazil.names import display_name, first_name, folded, is_real_name
from clients.models import Client, ContactPerson, Purpose
from clients.models.client import PersonType
from contacts.models import MessageChannel
from contracts.models import Contract
from contracts.validity import in_force_on
from people.models import User

# Each variable, with the reason that is given when a client has no value for it.
VARIABLES: dict[str, str | Promise] = {
    "primeiro_nome": gettext_lazy("falta o nome da pessoa ou, na empresa, a pessoa de contato que decide a compra"),
    "nome": gettext_lazy("o cliente está sem nome"),
    "vendedor": gettext_lazy("o seu cadastro está sem nome"),
    "empresa": gettext_lazy("o nome da empresa não está configurado"),
    "produto": gettext_lazy("o cliente não tem contrato em vigor com produto informado"),
    "vencimento": gettext_lazy("o cliente não tem contrato em vigor com data de fim"),
    "parcela": gettext_lazy("o cliente não tem contrato em vigor com valor por mês"),
    "link_pesquisa": gettext_lazy("nenhuma pesquisa foi criada para este cliente"),
}
MARK = re.compile(r"\{\{([^{}]*)\}\}")
BRACES = re.compile(r"\{\{|\}\}")
NO_BRACES = str.maketrans("", "", "{}")
STOP_WORDS = frozenset({"sair", "pare", "cancelar", "stop"})
# How an offer says that the client can stop it; a template may say it in its own words around this.
HOW_TO_STOP = re.compile(r"\brespond[ae]r?\b[^.!?\n]{0,20}\bsair\b")
SAYS_HOW_TO_STOP = (MessageChannel.WHATSAPP, MessageChannel.SMS)

type Values = Mapping[str, str]


class Deal(NamedTuple):
    """What words may say of a contract."""

    product: str = ""
    ends_on: datetime.date | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Filled:
    """`missing` are sentences for people; with any of them the text may not be sent."""

    text: str
    missing: list[str]

    @property
    def is_ready(self) -> bool:
        return not self.missing


def fill(template_text: str, client: Client, user: User, **more: str) -> Filled:
    """The text for one client; `more` gives variables that only the caller knows (`link_pesquisa`)."""
    return put_in(template_text, {**values_for(client, user), **more})


def put_in(template_text: str, values: Values) -> Filled:
    """One pass: what a value says is never read as a variable. A blank value stays visible as its variable."""
    names = list(dict.fromkeys(name.strip() for name in MARK.findall(template_text)))
    missing = unknown_in(template_text)
    missing += [_empty(name) for name in names if name in VARIABLES and not values.get(name)]
    return Filled(MARK.sub(lambda mark: values.get(mark[1].strip()) or mark[0], template_text), missing)


def unknown_in(template_text: str) -> list[str]:
    """What stands between braces and is no variable."""
    names = dict.fromkeys(name.strip() for name in MARK.findall(template_text))
    allowed = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
    faults = [
        _("{{%(name)s}} não existe. Use uma destas: %(allowed)s.") % {"name": name, "allowed": allowed}
        for name in names
        if name not in VARIABLES
    ]
    if BRACES.search(MARK.sub(" ", template_text)):
        faults.append(_("Há chaves sem par. Escreva cada variável entre {{ e }}, como {{nome}}."))
    return faults


def _empty(name: str) -> str:
    return _("{{%(name)s}} está vazio: %(reason)s. Complete o cadastro ou use um modelo sem ele.") % {
        "name": name,
        "reason": VARIABLES[name],
    }


# --- Values -------------------------------------------------------------------------------------------


def values_for(client: Client, user: User) -> Values:
    """What each variable says for a client in hand, spoken by `user`."""
    person = client.people.filter(decides=True).order_by("pk").first()
    contract = in_force(client.contracts.all()).first()
    return values_from(client, user, person=person.name if person else "", deal=_deal(contract))


def values_of(client_ids: Iterable[int], user: User) -> dict[int, Values]:
    """The same for many clients in three queries; those that `user` may not see are left out."""
    ids = list(client_ids)
    clients = Client.objects.visible_to(user).filter(pk__among=ids)
    people = ContactPerson.objects.visible_to(user).filter(client__among=ids, decides=True)
    decides = {person.client_id: person.name for person in people.order_by("client", "pk").distinct("client")}
    contracts = in_force(Contract.objects.visible_to(user).filter(client__among=ids)).distinct("client")
    deals = {contract.client_id: _deal(contract) for contract in contracts}
    return {
        client.pk: values_from(client, user, person=decides.get(client.pk, ""), deal=deals.get(client.pk, Deal()))
        for client in clients.only("name", "social_name", "person_type")
    }


class _EndOfTerm(Func):
    """The last day of a contract that names only its months, as contracts.terms works it out."""

    template = "((%(expressions)s))::date - 1)"
    arg_joiner = " + make_interval(months => "
    output_field = DateField()


def in_force(contracts: QuerySet[Contract], on: datetime.date | Expression | None = None) -> QuerySet[Contract, Any]:
    """The contracts in force with their last day as `ends_on`; per client, the one that ends first comes first."""
    day = on or timezone.localdate()
    ends_on = Coalesce("end_on", _EndOfTerm("start_on", NullIf("term_months", 0)))
    signed = contracts.filter(in_force_on(day)).exclude(status=Contract.Status.CANCELLED)
    found = signed.annotate(ends_on=ends_on).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    return found.order_by("client", F("ends_on").asc(nulls_last=True), "pk").select_related("product")


def _deal(contract: Any) -> Deal:
    if contract is None:
        return Deal()
    return Deal(contract.product.name if contract.product else "", contract.ends_on, contract.amount)


def values_from(client: Client, user: User, *, person: str, deal: Deal) -> Values:
    """From what was read already: the name of who decides, and the contract that words may name."""
    values = {
        "primeiro_nome": first_name_of(client, person),
        "nome": client.display_name,
        "vendedor": user.name,
        "empresa": settings.COMPANY_NAME,
        "link_pesquisa": "",
        "produto": deal.product,
        "vencimento": f"{deal.ends_on:%d/%m/%Y}" if deal.ends_on else "",
        "parcela": format_money(deal.amount) if deal.amount else "",
    }
    # One line each, and no special spaces, which alone would turn an SMS into the dearer encoding. No braces: words
    # that were filled once are read for variables again before they leave.
    return {name: " ".join(value.translate(NO_BRACES).split()) for name, value in values.items()}


def first_name_of(client: Client, person: str) -> str:
    """Empty for a company without a person who decides, and where the name is none."""
    contact = display_name(person)
    name, social_name = display_name(client.name), display_name(client.social_name)
    if client.person_type != PersonType.COMPANY and not is_real_name(social_name or name):
        return ""
    return first_name(name, social_name=social_name, person_type=client.person_type, contact=contact)


# --- Offers: who speaks, and how to stop (DOMAIN 3) -----------------------------------------------------


def means_stop(text: str) -> bool:
    """Whether an answer of the client holds one of the words that stop offers, in any spelling."""
    return not STOP_WORDS.isdisjoint(re.findall(r"\w+", folded(text)))


def faults_of(template_text: str, *, channel: str, purpose: str) -> list[str]:
    """Why a template may not be saved."""
    faults = unknown_in(template_text)
    if needs_notice(channel, purpose):
        faults += notice_faults(put_in(template_text, {"empresa": settings.COMPANY_NAME}).text)
    return faults


def needs_notice(channel: str, purpose: str) -> bool:
    return channel in SAYS_HOW_TO_STOP and purpose in (Purpose.OFFER, Purpose.ANY)


def notice_faults(text: str) -> list[str]:
    """What the first offer to a client must say and this text does not."""
    plain = folded(text)
    faults = []
    if folded(settings.COMPANY_NAME) not in plain:
        faults.append(_("A oferta precisa dizer o nome da empresa. Inclua {{empresa}}."))
    if not HOW_TO_STOP.search(plain):
        faults.append(_("A oferta precisa dizer como parar de receber. Inclua “responda SAIR”."))
    return faults


def with_notice(text: str) -> str:
    """The text, with a line that says what the first offer must say and the text does not."""
    if not notice_faults(text):
        return text
    line = _("%(company)s. Para não receber ofertas, responda SAIR.") % {"company": settings.COMPANY_NAME}
    return f"{text.rstrip()}\n{line}"
