"""Files as bad luck and attackers make them. Number n is always the same file."""

import io
import random
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.imports.uploads import CPF_ANA, csv_of, xlsx_of

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
MIB = 1024 * 1024
HEADER = ("nome", "documento", "telefone", "email", "nascimento")
VALUES = (
    *("Ana Lima", "JOSÉ DA SILVA", CPF_ANA, "11144477735", "(11) 98888-7777", "ana@exemplo.com.br", "31/02/1980"),
    *("", " ", "\t", "\0", '"', "'", ";", "=1+1", "x" * 5_000, "\ufeff", "\u202e", "ção", "TOTAL", "#REF!", "1E+15"),
    *("999.999.999-99", "0", "-1", "N/A", "1980-13-45", "a\nb", "a\r\nb", "🙂", "\ud7ff", "\x1a", "ÿ" * 300),
)
BOUNDS = ((0, 1), (1, 3), (3, 60))


def malformed(number: int) -> bytes:
    """Tables of odd values, written oddly, with a few bytes broken."""
    chance = random.Random(number)
    rows = [HEADER, *(odd_row(chance) for _ in range(chance.randint(*chance.choice(BOUNDS))))]
    content = chance.choice((workbook, *[text] * 4))(rows, chance)
    for damage in chance.sample(DAMAGES, chance.randint(0, 2)):
        content = damage(content, chance)
    return content


def odd_row(chance: random.Random) -> list[str]:
    """A good row with one odd value, or nothing but odd values."""
    if chance.random() < 0.5:
        row = [f"Pessoa {chance.choice('ABCDEFGH')}", "", f"(11) 9{chance.randrange(10**8):08}", "", "14/03/1980"]
        row[chance.randrange(len(row))] = chance.choice(VALUES)
        return row
    columns = len(HEADER) if chance.random() < 0.7 else chance.randint(0, 12)
    return [chance.choice(VALUES) for _ in range(columns)]


def text(rows: list[list[str]], chance: random.Random) -> bytes:
    separator, ending = chance.choice(";,\t|"), chance.choice(("\r\n", "\n", "\r"))
    quote = chance.choice(("", '"'))
    lines = (separator.join(f"{quote}{value}{quote}" for value in row) for row in rows)
    encoding = chance.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1"))
    return ending.join(lines).encode(encoding, errors="replace")


def workbook(rows: list[list[str]], _chance: random.Random) -> bytes:
    return xlsx_of(*([value for value in row if value.isprintable()] for row in rows))


# --- Damage --------------------------------------------------------------------------------------------


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def flip(content: bytes, chance: random.Random) -> bytes:
    broken = bytearray(content)
    for _ in range(chance.randint(1, 30)):
        if broken:
            broken[chance.randrange(len(broken))] = chance.randrange(256)
    return bytes(broken)


def insert(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.randbytes(chance.randint(1, 200)) + content[place:]


def double(content: bytes, _chance: random.Random) -> bytes:
    return content + content


def open_a_quote(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + b'"' + content[place:]


def drop_line_ends(content: bytes, _chance: random.Random) -> bytes:
    return content.replace(b"\n", b"")


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut, flip, insert, double, open_a_quote, drop_line_ends)


# --- On purpose ----------------------------------------------------------------------------------------


def hostile(folder: Path, sizes: Iterable[int]) -> None:
    """Twelve ways in up to five sizes: sixty files."""
    for size in sizes:
        for name, make in HOSTILE.items():
            (folder / f"{name} {size}").write_bytes(make(size))


def with_members(members: dict[str, str | bytes], *, stored: bool = False) -> bytes:
    """A valid workbook with these members replaced or added."""
    source = zipfile.ZipFile(io.BytesIO(xlsx_of(["nome", "documento"], ["Ana", CPF_ANA])))
    everything: dict[str, str | bytes] = {name: source.read(name) for name in source.namelist()} | members
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as target:
        for name, content in everything.items():
            target.writestr(name, content)
    return file.getvalue()


def sheet(rows: str) -> bytes:
    return with_members({SHEET: f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'})


def cell(reference: str, value: str = "x") -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def far_apart(size: int) -> bytes:
    last = 1_048_576 // size
    return sheet(row(1, cell("A1", "nome")) + row(last, cell(f"XFD{last}")))


def entities(size: int) -> bytes:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(4 + size))
    document = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{levels}]>'
    rows = row(1, cell("A1", f"&e{4 + size};"))
    return with_members({SHEET: f'{document}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'})


def external_entity(size: int) -> bytes:
    address = ("file:///etc/passwd", "http://127.0.0.1:9/", "ftp://127.0.0.1/", "/dev/zero", "file:///dev/random")
    document = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address[size - 1]}">]>'
    rows = row(1, cell("A1", "&e;"))
    return with_members({SHEET: f'{document}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'})


def shared_strings(size: int) -> bytes:
    strings = "<si><t>x</t></si>" * (500_000 * size)
    return with_members({"xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}">{strings}</sst>'})


def lying_sizes(size: int) -> bytes:
    content = bytearray(sheet(" " * (40 * size * MIB)))
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 24 : start + 28] = (1).to_bytes(4, "little")
        start += 4
    return bytes(content)


def many_members(size: int) -> bytes:
    return with_members({f"xl/{number}.xml": "" for number in range(900 * size)})


def overlapping_members(size: int) -> bytes:
    """Every entry of the directory points at the same bytes."""
    content = with_members({f"xl/part{number}.xml": "<a/>" * 10_000 for number in range(10 * size)})
    first = content.find(b"PK\x01\x02")
    broken, start = bytearray(content), first
    while (start := broken.find(b"PK\x01\x02", start)) >= 0:
        broken[start + 42 : start + 46] = (0).to_bytes(4, "little")
        start += 4
    return bytes(broken)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "cells far apart": far_apart,
    "entity bomb": entities,
    "external entity": external_entity,
    "zip bomb": lambda size: sheet(" " * (30 * size * MIB)),
    "shared strings": shared_strings,
    "lying sizes": lying_sizes,
    "many members": many_members,
    "overlapping members": overlapping_members,
    "many columns": lambda size: csv_of(["nome"] * 2_500 * size, ["a"] * 2_500 * size),
    "quote never closed": lambda size: b'nome;documento\r\n"' + b"x;y\r\n" * (40_000 * size),
    "one endless line": lambda size: b"nome;documento\r\n" + b"x" * (5 * size * MIB),
    "nested elements": lambda size: sheet("<row>" * (20_000 * size)),
}
