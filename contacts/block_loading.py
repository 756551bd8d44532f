"""Loading a list: read in pieces into a table of this connection, then swapped in within one transaction."""

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable
from itertools import batched
from pathlib import Path
from typing import IO, Any, Final

from django.core.files import File
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import block_lists
from contacts.block_files import Line, NotTextError, count_lines, read_lines
from contacts.models import BlockList, ContactSettings
from contacts.models.rules import BlockListLoad
from jobs.running import Run
from people import activity

LINES_PER_PIECE: Final = 50_000
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t")


def load(sent: BlockListLoad, run: Run) -> None:
    """A worker that dies leaves the list as it was; the next try reads the file from its first line."""
    try:
        with tempfile.TemporaryFile("w+", newline="", encoding="utf-8-sig") as problems:
            counts = _stage(sent, run, problems)
            if counts["numbers"] == 0:
                raise NotTextError
            _swap(sent, run, counts, problems)
    except NotTextError:
        with run.fenced():
            reason = _(
                "Nenhum número foi lido. Envie um CSV ou TXT com um número por linha; a lista ficou como estava."
            )
            block_lists.refuse(sent, reason)


def _stage(sent: BlockListLoad, run: Run, problems: IO[str]) -> Counter[str]:
    """No checkpoint and no pause: what is staged lives as long as this connection."""
    counts: Counter[str] = Counter()
    report = csv.writer(problems, delimiter=";")
    report.writerow([_("Linha"), _("Conteúdo"), _("Motivo")])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_number, listed_number")
        cursor.execute("CREATE TEMPORARY TABLE staged_number (e164 varchar(16))")
    path = Path(sent.file.path)
    total = count_lines(path)
    for piece in batched(read_lines(path), LINES_PER_PIECE, strict=False):
        with run.fenced() as row:
            _copy(piece)
            for line in piece:
                _count(line, counts, report)
            row.progress_done, row.progress_total = counts["lines"], total
    return counts


def _copy(piece: Iterable[Line]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY staged_number (e164) FROM STDIN") as copy:
        copy.write("".join(f"{number}\n" for line in piece for number in line.numbers))


def _count(line: Line, counts: Counter[str], report: Any) -> None:
    counts["lines"] += 1
    counts["numbers"] += len(line.numbers)
    if line.why:
        counts["bad"] += 1
        text = f"'{line.text}" if line.text.startswith(FORMULA_STARTS) else line.text
        report.writerow([line.number, text, line.why])
    elif not line.numbers:
        counts["empty"] += 1


def _swap(sent: BlockListLoad, run: Run, counts: Counter[str], problems: IO[str]) -> None:
    """Numbers that stay keep their day; others come and go, all in one transaction."""
    with run.fenced():
        block_list = BlockList.objects.select_for_update().get(pk=sent.block_list_id)
        distinct, removed, added = _replace(block_list.pk)
        now = timezone.now()
        block_list.numbers, block_list.loaded_at, block_list.loaded_by = distinct, now, sent.created_by
        block_list.save(update_fields=["numbers", "loaded_at", "loaded_by"])
        ContactSettings.note_new_rules()
        sent.state, sent.finished_at, sent.error = BlockListLoad.State.DONE, now, ""
        sent.lines, sent.empty, sent.bad = counts["lines"], counts["empty"], counts["bad"]
        sent.numbers, sent.repeated = distinct, counts["numbers"] - distinct
        sent.added, sent.removed = added, removed
        if counts["bad"]:
            problems.seek(0)
            sent.problems.save("", File(problems), save=False)
        sent.save()
        changes = {name: getattr(sent, name) for name in ("lines", "numbers", "added", "removed", "bad")}
        activity.record("block_list_loaded", block_list, by=sent.created_by, load=sent.pk, **changes)
        block_lists.forget_older(block_list)


def _replace(block_list: int) -> tuple[int, int, int]:
    """How many numbers it has now, how many went and how many came."""
    values: dict[str, Any] = {"list": block_list, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(DISTINCT)
        cursor.execute("ANALYZE listed_number")
        cursor.execute("SELECT count(*) FROM listed_number")
        distinct = cursor.fetchone()[0]
        cursor.execute(REMOVE, values)
        removed = cursor.rowcount
        cursor.execute(ADD, values)
        return distinct, removed, cursor.rowcount


DISTINCT: Final = "CREATE TEMPORARY TABLE listed_number AS SELECT DISTINCT e164 FROM staged_number"
REMOVE: Final = """
DELETE FROM contacts_blockednumber old WHERE block_list_id = %(list)s
    AND NOT EXISTS (SELECT FROM listed_number WHERE listed_number.e164 = old.e164)
"""
ADD: Final = """
INSERT INTO contacts_blockednumber (block_list_id, e164, since)
SELECT %(list)s, e164, %(today)s FROM listed_number ORDER BY e164
ON CONFLICT (block_list_id, e164) DO NOTHING
"""
