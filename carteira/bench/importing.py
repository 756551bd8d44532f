"""How long the import of a large client file takes, held against a raw COPY of the same file.

The file has 1,000,000 rows (2,000 when quick; `--rows` says otherwise), drawn from a seed, as a company sends it that
writes its customers from another system every month: every second row is a client of the base, found by document or
code (a tenth of them has moved, the rest is as it was), every other one is new and has a seller; three of ten have no
e-mail. 3 % need a repair (`.0` behind the document, a phone with an extension or without its ninth digit), 1 % have an
error, 1 % repeat the row before them. Known clients are updated. The way is that of `manage.py import_file`: receive,
check, run.

The limit is COPY of the same bytes into an unlogged table of text columns, measured just before. At the end the import
is undone as a person would undo it, and its rows are deleted, so that the base stays as it was.

A second limit is what the indexes and keys of the base cost by themselves: the very rows of the new clients, as the
import left them, put back by a bare INSERT ... SELECT for each table on one connection, and rolled back.
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.core.files import File
from django.db import connection, transaction

from carteira.bench.figures import BenchError, Figure, Options, seconds_of
from carteira.generator.marks import is_generated
from clients.models import Address, Client, ClientSearch, Email, Ownership, Phone
from contracts.models import ClientCycle
from imports import batches, checking, undoing
from imports.models import Existing, ImportBatch, ImportRow, State
from imports.statements import execute
from imports.work import AtOnce
from people.models import User
from people.roles import Role

ROWS, QUICK_ROWS = 1_000_000, 2_000
# Rows of the file that are all new, for the rate of a first load.
NEW_SHARE = 10
SEED = 20261121
BUDGET = 30.0
BARE_BUDGET = 2.0
# What a new client consists of, in the order of the keys.
WRITTEN = (Client, Phone, Email, Address, Ownership, ClientSearch, ClientCycle)
HEADER = ("codigo", "nome", "documento", "telefone", "email", "cidade", "uf", "vendedor")
MAIL = HEADER.index("email")
REASON = "a measurement on a generated company"
CPF_WEIGHTS = (tuple(range(10, 1, -1)), tuple(range(11, 1, -1)))

type Row = list[str]


def measure(options: Options) -> Iterator[Figure]:
    if not is_generated():
        raise BenchError("A medição escreve na base: só em uma empresa gerada.")
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    admin = User.objects.filter(is_active=True, role=Role.ADMIN).order_by("pk").first()
    if admin is None:
        raise BenchError("Falta um administrador ativo.")
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        write_file(file, rows, share_known=0.5)
        yield from whole_import(Path(file.name), admin, rows)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        write_file(file, rows // NEW_SHARE, share_known=0.0)
        yield from first_load(Path(file.name), admin, rows // NEW_SHARE)


def whole_import(path: Path, admin: User, rows: int) -> Iterator[Figure]:
    limit = seconds_of(lambda: raw_copy(path))
    taken, batch = imported(path, admin)
    whole = sum(taken.values())
    yield Figure(f"import of {rows:,} rows, half of them known", whole, "s", limit=limit, budget=BUDGET)
    for step, seconds in taken.items():
        yield Figure(f"import: {step}", rows / seconds, "rows/s")
    keep_rows(batch)
    yield Figure("import: undo", rows / seconds_of(lambda: taken_back(batch, admin)), "rows/s")
    bare = seconds_of(bare_insert)
    yield Figure("import: against its new rows inserted bare", whole, "s", limit=bare, budget=BARE_BUDGET)


def first_load(path: Path, admin: User, rows: int) -> Iterator[Figure]:
    taken, batch = imported(path, admin)
    taken_back(batch, admin)
    yield Figure("import: all rows new, whole", rows / sum(taken.values()), "rows/s")


def imported(path: Path, admin: User) -> tuple[dict[str, float], ImportBatch]:
    """The seconds of each step."""
    found: list[ImportBatch] = []
    taken = {"receive": seconds_of(lambda: found.append(received(path, admin)))}
    [batch] = found
    taken["check"] = seconds_of(lambda: checking.check(batch, AtOnce()))
    if batch.state != State.CHECKED:
        raise BenchError(batch.error)
    taken["run"] = seconds_of(lambda: batches.start(batch, by=admin, now=True))
    return taken, batch


def received(path: Path, admin: User) -> ImportBatch:
    with path.open("rb") as file:
        batch = batches.receive(File(file, name="medicao.csv"), kind="clients", by=admin)
    batch.options, batch.state = {"existing": Existing.UPDATE.value}, State.MAPPED
    batch.save(update_fields=["options", "state"])
    return batch


def taken_back(batch: ImportBatch, admin: User) -> None:
    with transaction.atomic():
        undoing.undo(batch, by=admin)
    with transaction.atomic():
        rows = ImportRow.objects.of(batch)
        rows._raw_delete(rows.db)
        batch.file.delete(save=False)
        batch.delete()


def raw_copy(path: Path) -> None:
    columns = ", ".join(f"{name} text" for name in HEADER)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE bench_raw ({columns})")
        with cursor.copy("COPY bench_raw FROM STDIN WITH (FORMAT csv, DELIMITER ';', HEADER)") as copy:
            copy.write(path.read_bytes())
        cursor.execute("DROP TABLE bench_raw")


def keep_rows(batch: ImportBatch) -> None:
    """The rows of the clients this batch created, in temporary tables."""
    for model in WRITTEN:
        table, key = model._meta.db_table, "id" if model is Client else "client_id"
        execute(f"DROP TABLE IF EXISTS bench_{table}")
        execute(
            f"""
            CREATE TEMP TABLE bench_{table} AS
            SELECT written.* FROM {table} written
            JOIN imports_importrow row ON row.record_id = written.{key}
            WHERE row.batch_id = %s AND row.effect = 'created'
            """,  # noqa: S608  (names of our own tables)
            [batch.pk],
        )


def bare_insert() -> None:
    with transaction.atomic():
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in WRITTEN:
            table = model._meta.db_table
            execute(f"INSERT INTO {table} SELECT * FROM bench_{table}")  # noqa: S608  (as above)
        transaction.set_rollback(True)


# --- The file ----------------------------------------------------------------------------------------


def write_file(file: IO[bytes], rows: int, *, share_known: float) -> None:
    draw = random.Random(SEED)  # noqa: S311  (a drawn file, no secret)
    known = known_rows(int(rows * share_known), draw)
    sellers = list(User.objects.filter(is_active=True, role=Role.SELLER).values_list("email", flat=True)[:500])
    names = list(Client.objects.unscoped(reason=REASON).values_list("name", flat=True)[:5_000]) or ["Ana Souza"]
    places = [("São Paulo", "SP"), ("Recife", "PE"), ("Curitiba", "PR"), ("Goiânia", "GO"), ("Manaus", "AM")]
    file.write((";".join(HEADER) + "\n").encode())
    earlier: Row = []
    for number in range(rows):
        row = next(known, None) if draw.random() < share_known else None
        row = row or new_row(number, draw, draw.choice(names), draw.choice(places), draw.choice(sellers or [""]))
        earlier = row = spoilt(row, earlier, draw)
        if draw.random() < 0.3:
            row[MAIL] = ""
        file.write((";".join(row) + "\n").encode())
    file.flush()


def known_rows(count: int, draw: random.Random) -> Iterator[Row]:
    """Clients of the base as they are; each tenth one has moved."""
    columns = ("code", "name", "document", "phones__e164", "emails__address", "city", "uf")
    everyone = Client.objects.unscoped(reason=REASON)
    found = everyone.exclude(document="", code="").filter(phones__is_primary=True, emails__is_primary=True)
    for code, name, document, phone, mail, city, uf in found.order_by("pk").values_list(*columns)[:count].iterator():
        moved = draw.random() < 0.1
        yield [code, name, document, phone.removeprefix("+55"), mail, "Santos" if moved else city, uf, ""]


def new_row(number: int, draw: random.Random, name: str, place: tuple[str, str], seller: str) -> Row:
    phone = f"{draw.choice(('11', '21', '31', '81'))}9{draw.randrange(10**7, 10**8)}"
    code = f"N{number:07}"
    return [code, name, cpf(draw.randrange(10**8, 10**9)), phone, f"{code.lower()}@exemplo.com.br", *place, seller]


def spoilt(row: Row, earlier: Row, draw: random.Random) -> Row:
    """One of a hundred repeats the row before it, one has a wrong document, three need a repair."""
    chance = draw.random()
    if chance < 0.01 and earlier:
        return earlier
    code, name, document, phone, *rest = row
    if chance < 0.02:
        return [code, name, document[:-1] + str((int(document[-1:] or 0) + 1) % 10), phone, *rest]
    if chance < 0.03:
        return [code, name, f"{document}.0" if document.isdecimal() else document, phone, *rest]
    if chance < 0.04:
        return [code, name, document, f"{phone} ramal 12", *rest]
    if chance < 0.05 and len(phone) == 11:
        return [code, name, document, phone if phone[3] in "01" else phone[:2] + phone[3:], *rest]
    return row


def cpf(body: int) -> str:
    digits = [int(char) for char in f"{body:09}"]
    for weights in CPF_WEIGHTS:
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))
