"""What the base already holds for a chunk of rows, and how much of it the importer may see."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from clients.models import Client, Phone
from imports.models import Effect, ImportBatch, ImportRow, RowQuerySet
from people.models import User

REASON = "an import looks for records that exist already; what is hidden is told by the owner's name only"


@dataclass(frozen=True, slots=True)
class Known:
    """A client of the base. `version` is empty when the importer may not see it."""

    id: int
    document: str
    code: str
    name: str
    owner: int | None
    owner_name: str
    version: int | None

    @property
    def is_visible(self) -> bool:
        return self.version is not None

    @property
    def note(self) -> str:
        if self.is_visible:
            return ""
        if self.owner_name:
            return _("Já existe, com %(owner)s.") % {"owner": self.owner_name}
        return _("Já existe, sem responsável.")


@dataclass(slots=True)
class KnownClients:
    by_id: dict[int, Known] = field(default_factory=dict)
    by_document: dict[str, int] = field(default_factory=dict)
    by_code: dict[str, int] = field(default_factory=dict)

    def add(self, known: Known) -> None:
        self.by_id[known.id] = known
        if known.document:
            self.by_document[known.document] = known.id
        if known.code:
            self.by_code[known.code] = known.id

    def remove(self, ids: Iterable[int]) -> None:
        for pk in ids:
            known = self.by_id.pop(pk, None)
            if known:
                self.by_document.pop(known.document, None)
                self.by_code.pop(known.code, None)


def known_clients(
    user: User, *, documents: Collection[str] = (), codes: Collection[str] = (), ids: Collection[int] = ()
) -> KnownClients:
    everyone = Client.objects.unscoped(reason=REASON)
    columns = ("pk", "document", "code", "name", "owner_id", "owner__name", "version")
    rows = {}
    # Three indexed queries instead of one with OR, which would scan. The partial indexes are found by their condition.
    for found_by, wanted in (
        (everyone.exclude(document="").filter(document__in=documents), documents),
        (everyone.exclude(code="").filter(code__in=codes), codes),
        (everyone.filter(pk__in=ids), ids),
    ):
        if wanted:
            rows.update({row[0]: row for row in found_by.values_list(*columns)})
    visible = set(Client.objects.visible_to(user).filter(pk__in=rows).values_list("pk", flat=True)) if rows else set()
    found = KnownClients()
    for pk, document, code, name, owner, owner_name, version in rows.values():
        found.add(Known(pk, document, code, name, owner, owner_name or "", version if pk in visible else None))
    return found


def phones_in_base(user: User, numbers: Collection[str]) -> dict[str, list[tuple[int, str, str]]]:
    """(client id, name, document) per number, only of clients the importer may see."""
    owners: dict[str, list[tuple[int, str, str]]] = {}
    if numbers:
        seen = Phone.objects.visible_to(user).filter(e164__in=numbers)
        columns = ("e164", "client_id", "client__name", "client__document")
        for number, pk, name, document in seen.values_list(*columns):
            owners.setdefault(number, []).append((pk, name, document))
    return owners


@dataclass(frozen=True, slots=True)
class SameFile:
    """What this very file created before (by hash and position): it is never created again."""

    batches: tuple[int, ...]

    @classmethod
    def of(cls, batch: ImportBatch) -> "SameFile":
        everyone = ImportBatch.objects.unscoped(reason="the same file may have been sent by a colleague")
        others = everyone.kept().filter(sha256=batch.sha256, kind=batch.kind).exclude(pk=batch.pk)
        return cls(tuple(others.values_list("pk", flat=True)))

    def created_at(self, positions: Collection[int]) -> dict[int, int]:
        """Record id by position."""
        if not self.batches or not positions:
            return {}
        rows = self._created().filter(position__in=positions)
        return {position: pk for position, pk in rows.values_list("position", "record_id") if pk is not None}

    def created(self, ids: Collection[int]) -> set[int]:
        """Which of these records this file created."""
        if not self.batches or not ids:
            return set()
        rows = self._created().filter(record_id__in=ids)
        return {pk for pk in rows.values_list("record_id", flat=True) if pk is not None}

    def _created(self) -> RowQuerySet:
        rows = ImportRow.objects.unscoped(reason="only ids of records that the same file created")
        return rows.filter(batch__in=self.batches, effect=Effect.CREATED)
