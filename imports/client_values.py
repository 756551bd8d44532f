"""The values of a client row as they are stored between the check and the run."""

from datetime import date
from decimal import Decimal
from typing import Any

from brazil.names import folded
from brazil.phones import PhoneNumber
from clients.models import Client, Sector
from imports.cleaning import ClientValues

# Field of the values -> the model field that limits its length.
LENGTHS = {
    "code": Client._meta.get_field("code").max_length,
    "name": Client._meta.get_field("name").max_length,
    "city": Client._meta.get_field("city").max_length,
    "declared_product": Client._meta.get_field("declared_product").max_length,
    "segment": Sector._meta.get_field("name").max_length,
    "origin": Client._meta.get_field("source").max_length,
}
KEY_LENGTH = Client._meta.get_field("name_key").max_length
TEXTS = (
    "code",
    "name",
    "document",
    "person_type",
    "cep",
    "city",
    "uf",
    "declared_product",
    "seller",
    "segment",
    "origin",
)


def shortened(values: ClientValues) -> bool:
    """Cut what the base can't hold. A code is an identity: too long, it is left out rather than cut."""
    was_long = False
    for field, limit in LENGTHS.items():
        text = getattr(values, field)
        if limit is not None and len(text) > limit:
            setattr(values, field, "" if field == "code" else text[:limit].rstrip())
            was_long = True
    return was_long


def dumped(values: ClientValues) -> dict[str, Any]:
    """What is not empty, as JSON, and the folded name, which the database can't make."""
    plain: dict[str, Any] = {field: getattr(values, field) for field in TEXTS if getattr(values, field)}
    plain["name_key"] = folded(values.name)[:KEY_LENGTH]
    if values.phones:
        plain["phones"] = [[phone.e164, phone.type, phone.extension] for phone in values.phones]
    if values.emails:
        plain["emails"] = list(values.emails)
    if values.birth_date:
        plain["birth_date"] = values.birth_date.isoformat()
    if values.declared_amount is not None:
        plain["declared_amount"] = str(values.declared_amount)
    return plain


def loaded(plain: dict[str, Any]) -> ClientValues:
    values = ClientValues(**{field: plain[field] for field in TEXTS if field in plain})
    values.phones = tuple(PhoneNumber(*parts) for parts in plain.get("phones", ()))
    values.emails = tuple(plain.get("emails", ()))
    values.birth_date = date.fromisoformat(plain["birth_date"]) if "birth_date" in plain else None
    values.declared_amount = Decimal(plain["declared_amount"]) if "declared_amount" in plain else None
    return values
