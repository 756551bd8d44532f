"""The values of one record of a client file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brazil.dates import parse_birth_date
from brazil.documents import ParsedDocument, PersonType, parse_document
from brazil.emails import parse_email, suggest_email
from brazil.money import parse_money
from brazil.names import display_name, is_real_name
from brazil.phones import PhoneNumber, in_calling_order, parse_ddd, parse_phone
from brazil.postal import cep_agrees_with_uf, parse_cep, parse_uf

# Cleaned cells by canonical field; a field may have several columns.
Fields = Mapping[str, Sequence[str]]

# The order in which a report lists them.
ACTIONS = (
    "document_zero_padded",
    "scientific_expanded",
    "float_suffix_removed",
    "confusable_fixed",
    "ninth_digit_added",
    "phone_split",
    "phone_cleared",
    "email_split",
    "email_cleared",
    "birth_date_cleared",
    "excel_serial_date",
    "cep_zero_padded",
    "cep_cleared",
    "uf_cleared",
    "amount_cleared",
    "mojibake_fixed",
)
ACTION_RANK = {action: rank for rank, action in enumerate(ACTIONS)}


@dataclass(slots=True)
class ClientValues:
    code: str = ""
    name: str = ""
    document: str = ""
    person_type: PersonType = ""
    phones: tuple[PhoneNumber, ...] = ()
    emails: tuple[str, ...] = ()
    birth_date: date | None = None
    cep: str = ""
    city: str = ""
    uf: str = ""
    declared_amount: Decimal | None = None
    declared_product: str = ""
    seller: str = ""
    segment: str = ""
    origin: str = ""

    @property
    def email(self) -> str:
        return self.emails[0] if self.emails else ""


@dataclass(frozen=True, slots=True)
class CleanedClient:
    """`reason` says why the record is rejected; then its values are worth nothing."""

    values: ClientValues
    actions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""


def clean_client(fields: Fields, *, today: date, default_ddd: str = "", mojibake: bool = False) -> CleanedClient:
    actions = {"mojibake_fixed"} if mojibake else set()
    name = first_text(fields, "nome")
    if not is_real_name(name):
        return rejected("missing_name", actions)
    document = chosen_document(fields)
    if document.error:
        return rejected(document.error, actions)
    actions.update(document.actions)
    values = ClientValues(
        code=first_text(fields, "codigo"),
        name=display_name(name, document.person_type),
        document=document.normalized,
        person_type=document.person_type,
        phones=clean_phones(fields, default_ddd, actions),
        emails=clean_emails(fields, actions),
    )
    if not (values.document or values.phones or values.emails):
        return rejected("no_identifier", actions)
    add_particulars(values, fields, today, actions)
    return CleanedClient(values, in_report_order(actions), warnings_about(values))


def rejected(reason: str, actions: set[str]) -> CleanedClient:
    return CleanedClient(ClientValues(), in_report_order(actions), reason=reason)


def in_report_order(actions: set[str]) -> tuple[str, ...]:
    return tuple(sorted(actions, key=ACTION_RANK.__getitem__))


def first_text(fields: Fields, name: str) -> str:
    return next(filter(None, fields.get(name, ())), "")


def chosen_document(fields: Fields) -> ParsedDocument:
    """Files may have one column for the CPF and one for the CNPJ: a good one wins, else the first error."""
    parsed = map(parse_document, fields.get("documento", ()))
    filled = [document for document in parsed if document.status != "blank"]
    good = (document for document in filled if not document.error)
    return next(good, filled[0] if filled else ParsedDocument("blank"))


def clean_phones(fields: Fields, default_ddd: str, actions: set[str]) -> tuple[PhoneNumber, ...]:
    ddd = next(filter(None, map(parse_ddd, fields.get("ddd", ()))), default_ddd)
    numbers: list[PhoneNumber] = []
    for cell in fields.get("telefone", ()):
        parsed = parse_phone(cell, ddd)
        numbers += parsed.numbers
        actions.update(parsed.actions)
        if parsed.error:
            actions.add("phone_cleared")
    return in_calling_order(numbers)


def clean_emails(fields: Fields, actions: set[str]) -> tuple[str, ...]:
    addresses: list[str] = []
    for cell in fields.get("email", ()):
        parsed = parse_email(cell)
        actions.update(parsed.actions)
        if parsed.error:
            actions.add("email_cleared")
        elif parsed.normalized:
            addresses.append(parsed.normalized)
    return tuple(dict.fromkeys(addresses))


def add_particulars(values: ClientValues, fields: Fields, today: date, actions: set[str]) -> None:
    birth = parse_birth_date(first_text(fields, "nascimento"), today=today)
    cep = parse_cep(first_text(fields, "cep"))
    amount = parse_money(first_text(fields, "valor"))
    uf = first_text(fields, "uf")
    values.birth_date = birth.value
    values.cep = cep.normalized
    values.uf = parse_uf(uf)
    values.declared_amount = amount.value
    values.city = first_text(fields, "cidade")
    values.declared_product = first_text(fields, "produto")
    values.seller = first_text(fields, "vendedor")
    values.segment = first_text(fields, "segmento")
    values.origin = first_text(fields, "origem")
    actions.update(birth.actions, cep.actions)
    unusable = {
        "birth_date_cleared": birth.error,
        "cep_cleared": cep.error,
        "uf_cleared": uf and not values.uf,
        "amount_cleared": amount.error,
    }
    actions.update(action for action, applies in unusable.items() if applies)


def warnings_about(values: ClientValues) -> tuple[str, ...]:
    warnings = {
        "cep_uf_mismatch": not cep_agrees_with_uf(values.cep, values.uf),
        "email_typo": any(map(suggest_email, values.emails)),
    }
    return tuple(warning for warning, applies in warnings.items() if applies)
