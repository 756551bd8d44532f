"""Registering a client and changing what is known about it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from brazil.names import display_name, folded
from brazil.phones import PhoneNumber
from clients import search
from clients.duplicates import DuplicateDocumentError, SimilarClientsError, holder_of, similar_clients
from clients.models import Address, Client, DistributionReason, Email, Phone
from clients.ownership import assign
from clients.versions import lock, write
from clients.vocabulary import sector_named, tags_named
from people import activity
from people.models import User


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What people type about a client itself. `sector` and `tags` are names, made when they are new."""

    name: str
    person_type: str = ""
    document: str = ""
    social_name: str = ""
    trade_name: str = ""
    birth_date: datetime.date | None = None
    sector: str = ""
    source: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FirstContact:
    """How a new client is reached; `address` holds fields of `Address`."""

    phones: tuple[PhoneNumber, ...] = ()
    email: str = ""
    address: Mapping[str, str] | None = None


@transaction.atomic
def register(
    profile: Profile,
    *,
    by: User,
    owner: User | None,
    contact: FirstContact | None = None,
    confirmed: bool = False,
) -> Client:
    """A new client of `owner` (None: the queue of the team of `by`).

    Raises DuplicateDocumentError, and SimilarClientsError unless `confirmed` says it is somebody else.
    """
    contact = contact or FirstContact()
    numbers = [number.e164 for number in contact.phones]
    emails = [contact.email] if contact.email else []
    if holder := holder_of(profile.document):
        raise DuplicateDocumentError(holder)
    if not confirmed and (similar := similar_clients(profile.name, phones=numbers, emails=emails, by=by)):
        raise SimilarClientsError(similar)
    client = _create(profile, contact, by=by)
    client.tags.set(tags_named(profile.tags))
    _reach(client, contact)
    if owner is not None:
        assign([client.pk], owner, by=by, reason=DistributionReason.CREATED)
        client.owner, client.team = owner, owner.team
    search.refresh([client.pk])
    activity.record("client_created", client, by=by)
    return client


@transaction.atomic
def update(client: Client, profile: Profile, *, version: int, by: User) -> Client:
    """Writes what differs. Raises StaleRecordError when somebody saved since `version`."""
    present = lock(client.pk)
    if holder := holder_of(profile.document, besides=present.pk):
        raise DuplicateDocumentError(holder)
    columns = _columns(profile)
    changes = {name: value for name, value in columns.items() if getattr(present, name) != value}
    tags = tags_named(profile.tags)
    tags_changed = {tag.pk for tag in tags} != set(present.tags.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            write(present, changes, version=version)
    except IntegrityError as error:
        raise _duplicate(profile, error, besides=present.pk) from error
    if tags_changed:
        present.tags.set(tags)
    if fields := sorted([*changes, *(["tags"] if tags_changed else [])]):
        search.refresh([present.pk])
        activity.record("client_changed", present, by=by, fields=fields)
    return present


@transaction.atomic
def set_tags(client: Client, names: tuple[str, ...], *, by: User) -> None:
    present = lock(client.pk)
    present.tags.set(tags_named(names))
    activity.record("client_changed", present, by=by, fields=["tags"])


def _columns(profile: Profile) -> dict[str, Any]:
    """The client's columns: names in title case when typed in one case only (DOMAIN 1.5)."""
    name = display_name(profile.name, profile.person_type)
    return {
        "name": name,
        "name_key": folded(name)[:200],
        "person_type": profile.person_type,
        "document": profile.document,
        "social_name": display_name(profile.social_name, profile.person_type),
        "trade_name": " ".join(profile.trade_name.split()),
        "birth_date": profile.birth_date,
        "sector": sector_named(profile.sector),
        "source": profile.source.strip(),
        "notes": profile.notes.strip(),
    }


def _create(profile: Profile, contact: FirstContact, *, by: User) -> Client:
    address = contact.address or {}
    client = Client(
        **_columns(profile),
        city=address.get("city", ""),
        uf=address.get("uf", ""),
        team=by.team,
        created_by=by,
    )
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError as error:
        raise _duplicate(profile, error) from error
    return client


def _duplicate(profile: Profile, error: IntegrityError, *, besides: int | None = None) -> Exception:
    """Somebody registered the document in the same moment; any other broken constraint stays what it is."""
    holder = holder_of(profile.document, besides=besides)
    return DuplicateDocumentError(holder) if holder else error


def _reach(client: Client, contact: FirstContact) -> None:
    Phone.objects.bulk_create(
        Phone(
            client=client,
            e164=number.e164,
            kind=number.type,
            extension=number.extension,
            is_primary=position == 0,
        )
        for position, number in enumerate(contact.phones)
    )
    if contact.email:
        Email.objects.create(client=client, address=contact.email, is_primary=True)
    if contact.address and any(contact.address.values()):
        Address.objects.create(client=client, is_primary=True, **contact.address)
