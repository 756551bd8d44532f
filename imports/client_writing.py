"""Creating the clients of a chunk, set-wise, with all that hangs on them."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from django.db.models import Q
from django.utils import timezone

from brazil.names import folded
from clients.models import Address, Client, DistributionReason, Email, Ownership, Phone
from clients.search import refresh as refresh_search
from contracts.classification import refresh as refresh_classes
from imports import copying, halves
from imports.attempts import mark_kept, repeat, write_all
from imports.base import SameFile, known_clients
from imports.cleaning import ClientValues
from imports.client_updates import ClientUpdates
from imports.client_values import loaded
from imports.models import Effect, ImportBatch, ImportRow, Plan, PossibleDuplicate, State
from imports.sectors import sector_key, sectors_named
from imports.sellers import SellerDirectory
from imports.set_writing import SetWriter
from people.roles import Reach


class ClientWriter:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.sellers = SellerDirectory(self.user)
        self.same_file = SameFile.of(batch)
        self.updates = ClientUpdates(batch)
        default = batch.options.get("owner")
        self.default_owner = default if default in self.sellers.assignable else None
        self.own_team = self.user.team_id if self.user.reach is Reach.SUBTREE else None
        self.sets = SetWriter(
            batch, self.sellers, owner=self.default_owner, team=self.own_team, earlier=self.same_file.batches
        )

    def write_sets(self, first: int, last: int) -> None:
        """What needs no closer look, two halves at a time."""
        stands = ImportBatch.objects.standing(self.batch, state=State.RUNNING, written_until=first - 1)
        halves.write(
            partial(self.sets.write, chunk=(first, last)), first, last, lock=self.batch.pk, holds=stands.exists
        )
        created = ImportRow.objects.of(self.batch).filter(position__range=(first, last), effect=Effect.CREATED)
        alike = Q(possible_duplicate_of__isnull=False) | Q(lookalike_id__isnull=False)
        self.queue_lookalikes(list(created.filter(alike)))

    def write(self, rows: Sequence[ImportRow]) -> None:
        """The other rows, one by one."""
        for row in rows:
            if row.plan == Plan.REPEAT:
                row.effect = Effect.SKIPPED
        self.values = {row.pk: loaded(row.values) for row in rows if row.plan in (Plan.CREATE, Plan.UPDATE)}
        self.sectors = sectors_named(values.segment for values in self.values.values())
        new = [row for row in rows if row.plan == Plan.CREATE]
        write_all(new, sift=self.sift, insert=self.insert)
        created = [row for row in new if row.effect == Effect.CREATED]
        changed = self.updates.write([row for row in rows if row.plan == Plan.UPDATE], self.values, self.sectors)
        touched = sorted({row.record_id for row in created if row.record_id} | set(changed))
        refresh_search(touched)
        refresh_classes(pk for pk in touched if pk not in changed or changed[pk])
        self.queue_lookalikes(created)

    def finish(self) -> None:
        return

    def sift(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        earlier = self.same_file.created_at([row.position for row in rows])
        values = [self.values[row.pk] for row in rows]
        known = known_clients(
            self.user,
            documents={item.document for item in values if item.document},
            codes={item.code for item in values if item.code},
            ids=list(earlier.values()),
        )
        left = []
        for row in rows:
            item = self.values[row.pk]
            before = earlier.get(row.position)
            document, code = known.by_document.get(item.document), known.by_code.get(item.code)
            match = document or code
            if before in known.by_id:
                mark_kept(row, before)
            elif match:
                person = known.by_id[match]
                reason = "same_document" if document else "same_code"
                repeat(row, reason, of=match if person.is_visible else None, note=person.note)
            else:
                left.append(row)
        return left

    def insert(self, rows: Sequence[ImportRow]) -> None:
        now = timezone.now()
        clients = copying.insert([self.client(self.values[row.pk]) for row in rows])
        pairs = [(client, self.values[row.pk]) for client, row in zip(clients, rows, strict=True)]
        copying.insert(
            [
                Ownership(
                    client=client,
                    owner_id=client.owner_id,
                    since=now,
                    reason=DistributionReason.IMPORTED,
                    by=self.user,
                    batch=self.batch.pk,
                )
                for client in clients
                if client.owner_id
            ]
        )
        copying.insert(phones_of(pairs))
        copying.insert(emails_of(pairs))
        copying.insert(addresses_of(pairs))
        for row, client in zip(rows, clients, strict=True):
            row.effect, row.record_id, row.written_version = Effect.CREATED, client.pk, client.version

    def client(self, values: ClientValues) -> Client:
        owner = self.sellers.owner(values.seller) or self.default_owner
        return Client(
            code=values.code,
            person_type=values.person_type,
            name=values.name,
            name_key=folded(values.name)[:200],
            document=values.document,
            birth_date=values.birth_date,
            sector_id=self.sectors.get(sector_key(values.segment)),
            source=values.origin or self.batch.source,
            city=values.city,
            uf=values.uf,
            owner_id=owner,
            team_id=self.sellers.teams.get(owner) if owner else self.own_team,
            declared_amount=values.declared_amount,
            declared_product=values.declared_product,
            created_by=self.user,
        )

    def queue_lookalikes(self, created: Sequence[ImportRow]) -> None:
        lines = {row.possible_duplicate_of for row in created if row.possible_duplicate_of}
        by_line = self.records_of(lines) if lines else {}
        by_line |= {row.line: row.record_id for row in created}
        pairs = set()
        for row in created:
            for other in (by_line.get(row.possible_duplicate_of or 0), row.lookalike_id):
                if other and row.record_id and other != row.record_id:
                    pairs.add((min(other, row.record_id), max(other, row.record_id)))
        if not pairs:
            return
        everyone = Client.objects.unscoped(reason="both clients of a pair must still exist")
        ids = {pk for pair in pairs for pk in pair}
        alive = set(everyone.filter(pk__in=ids).values_list("pk", flat=True))
        PossibleDuplicate.objects.bulk_create(
            [
                PossibleDuplicate(first_id=first, second_id=second, batch=self.batch)
                for first, second in sorted(pairs)
                if first in alive and second in alive
            ],
            ignore_conflicts=True,
        )

    def records_of(self, lines: Collection[int]) -> dict[int, int | None]:
        """Record ids by line. Unless cells hold line breaks, a line tells the position, which has an index."""
        above = int(self.batch.table.get("header_line", 0))
        rows = ImportRow.objects.of(self.batch)
        found = dict(rows.filter(position__in=[line - above for line in lines]).values_list("line", "record_id"))
        missing = set(lines) - set(found)
        return found | dict(rows.filter(line__in=missing).values_list("line", "record_id") if missing else ())


def phones_of(pairs: Iterable[tuple[Client, ClientValues]]) -> list[Phone]:
    return [
        Phone(
            client=client,
            e164=phone.e164,
            kind=phone.type,
            extension=phone.extension[:10],
            is_primary=index == 0,
        )
        for client, values in pairs
        for index, phone in enumerate(values.phones)
    ]


def emails_of(pairs: Iterable[tuple[Client, ClientValues]]) -> list[Email]:
    return [
        Email(client=client, address=address, is_primary=index == 0)
        for client, values in pairs
        for index, address in enumerate(values.emails)
    ]


def addresses_of(pairs: Iterable[tuple[Client, ClientValues]]) -> list[Address]:
    return [
        Address(client=client, cep=values.cep, city=values.city, uf=values.uf, is_primary=True)
        for client, values in pairs
        if values.cep or values.city or values.uf
    ]
