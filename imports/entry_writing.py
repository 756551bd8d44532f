"""Creating the records of a chunk for clients who exist; what is kept of each client follows in its transaction."""

from collections.abc import Sequence

from clients.models import Client
from imports.attempts import mark_kept, repeat, write_all
from imports.base import SameFile
from imports.models import Effect, ImportBatch, ImportRow, Plan


class EntryWriter:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.same_file = SameFile.of(batch)

    def write_sets(self, first: int, last: int) -> None:
        """Each entry is looked at by itself."""

    def write(self, rows: Sequence[ImportRow]) -> None:
        for row in rows:
            if row.plan == Plan.REPEAT:
                row.effect = Effect.SKIPPED
        new = self.with_visible_client([row for row in rows if row.plan == Plan.CREATE])
        self.prepare(new)
        write_all(new, sift=self.sift, insert=self.insert)
        self.after([row for row in new if row.effect == Effect.CREATED])

    def with_visible_client(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Clients may have left the importer's sight since the check. Locked: what is kept of them will change."""
        ids = sorted({row.values["client"] for row in rows})
        visible = set(Client.objects.visible_to(self.user).filter(pk__in=ids).values_list("pk", flat=True))
        everyone = Client.objects.unscoped(reason="the visible clients found above")
        locked = everyone.filter(pk__in=visible).order_by("pk").select_for_update(of=("self",))
        alive = set(locked.values_list("pk", flat=True))
        for row in rows:
            if row.values["client"] not in alive:
                row.outcome, row.reason, row.plan = "rejected", "unknown_client", Plan.REJECT
        return [row for row in rows if row.plan == Plan.CREATE]

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """What the records of a chunk need before they are written."""

    def sift(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        earlier = self.same_file.created_at([row.position for row in rows])
        taken = self.taken(rows)
        left = []
        for row in rows:
            if row.position in earlier:
                mark_kept(row, earlier[row.position])
            elif (holder := taken.get(self.key(row))) is not None:
                repeat(row, "same_number", of=holder)
            else:
                left.append(row)
        return left

    def key(self, _row: ImportRow) -> str:
        """What no two records may share, if there is such a thing."""
        return ""

    def taken(self, _rows: Sequence[ImportRow]) -> dict[str, int]:
        """The records that hold these keys by now."""
        return {}

    def insert(self, rows: Sequence[ImportRow]) -> None:
        raise NotImplementedError

    def after(self, created: Sequence[ImportRow]) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        return
