"""Cleaning of one spreadsheet cell, before any field looks at it."""

import re
import unicodedata
from typing import Literal

Status = Literal["valid", "repaired", "invalid", "blank"]

INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[Ee]\+?([0-9]{1,2})")
FLOAT_SUFFIX = re.compile(r"([0-9]+)[.,]0")
# A lead byte of UTF-8 read as cp1252, followed by something that can be a continuation byte.
MOJIBAKE_HINT = re.compile("[\u00c2-\u00f4][\u0080-\uffff]")

PLACEHOLDERS = frozenset(
    {
        "-", "--", "---", ".", "0", "n/a", "na", "n/d", "null", "none", "nan", "x", "xx", "xxx", "s/n",
        "isento", "#n/d", "#n/a", "#ref!", "#valor!", "#value!", "#nome?", "#name?", "#div/0!", "#num!",
        "nao informado", "nao informada", "nao informado(a)", "nao tem", "nao possui",
        "sem cpf", "sem email", "sem e-mail", "sem telefone",
    }
)  # fmt: skip
PLACEHOLDER_STARTS = {start for text in PLACEHOLDERS for start in (text[0], text[0].upper())}
LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))

# Python's cp1252 refuses 81 8D 8F 90 9D, which Windows maps to control characters ("Á" damaged is C3 81).
TO_WINDOWS = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
FROM_WINDOWS = {byte: char for char, byte in TO_WINDOWS.items()}


def windows_text(data: bytes) -> str:
    return data.decode("latin-1").translate(FROM_WINDOWS)


def windows_bytes(text: str) -> bytes:
    return text.translate(TO_WINDOWS).encode("latin-1")


def repair_mojibake(text: str) -> str:
    """Undo UTF-8 read as cp1252, as often as it was done (`JoÃ£o`, `JoÃƒÂ£o`)."""
    while MOJIBAKE_HINT.search(text):
        try:
            text = windows_bytes(text).decode()
        except UnicodeError:
            break
    return text


def without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def is_placeholder(text: str) -> bool:
    likely = text[:1] in PLACEHOLDER_STARTS and len(text) <= LONGEST_PLACEHOLDER
    return likely and without_accents(text).lower() in PLACEHOLDERS


def clean_cell(raw: str) -> str:
    """The text of a cell: no invisible characters, single spaces; a placeholder becomes empty."""
    if not raw:
        return ""
    # Runs for every cell of millions of rows: what is rare is looked for only where it can be.
    text = raw if raw.isprintable() else INVISIBLE.sub("", raw)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    if text.startswith("=") and (match := FORMULA_TEXT.fullmatch(text)):
        text = match[1].strip()
    if text.startswith("'"):
        text = text[1:].lstrip()
    return "" if is_placeholder(text) else text


def expand_scientific(text: str) -> str | None:
    """Digits of `1,1987E+4`; None when the text is no such number, "" when the sheet has lost digits."""
    match = SCIENTIFIC.fullmatch(text)
    if match is None:
        return None
    decimals, exponent = match[2] or "", int(match[3])
    if len(decimals) < exponent or decimals[exponent:].strip("0"):
        return ""
    return match[1] + decimals[:exponent]


def drop_float_suffix(text: str) -> str | None:
    match = FLOAT_SUFFIX.fullmatch(text)
    return match[1] if match else None
