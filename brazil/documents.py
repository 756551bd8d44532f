"""CPF and CNPJ, numeric and alphanumeric (IN RFB 2.229/2024)."""

import re
import unicodedata
from dataclasses import dataclass
from operator import mul
from typing import Literal

from brazil.cells import Status, clean_cell, drop_float_suffix, expand_scientific

PersonType = Literal["", "PF", "PJ"]
Weights = tuple[tuple[int, ...], tuple[int, ...]]

CPF = re.compile(r"[0-9]{11}")
CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
DIGITS = re.compile(r"[0-9]+")
PLAIN = re.compile(r"[0-9A-Z]+")
SEPARATORS = re.compile(r"[./_\s-]+")
LABEL = re.compile(r"(?:CPF\s*/\s*CNPJ|CNPJ\s*/\s*CPF|CPF|CNPJ)\s*(?:N[Oº°.]+)?\s*:?\s*")
CONFUSABLES = str.maketrans("OIL", "011")

CPF_WEIGHTS: Weights = (tuple(range(10, 1, -1)), tuple(range(11, 1, -1)))
CNPJ_WEIGHTS: Weights = ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    status: Status
    person_type: PersonType = ""
    normalized: str = ""
    formatted: str = ""
    actions: tuple[str, ...] = ()
    error: str = ""


def is_valid_cpf(document: str) -> bool:
    return is_issued(document, CPF, CPF_WEIGHTS)


def is_valid_cnpj(document: str) -> bool:
    return is_issued(document, CNPJ, CNPJ_WEIGHTS)


def is_issued(document: str, shape: re.Pattern[str], weights: Weights) -> bool:
    if not shape.fullmatch(document) or is_repeated(document):
        return False
    return all(check_digit(document, row) == document[len(row)] for row in weights)


def is_repeated(text: str) -> bool:
    return text == text[0] * len(text)


def check_digit(document: str, weights: tuple[int, ...]) -> str:
    # The value of a character is its ASCII code - 48, taken off the whole sum at once.
    total = sum(map(mul, weights, document.encode("ascii"))) - 48 * sum(weights)
    remainder = total % 11
    return "0" if remainder < 2 else str(11 - remainder)


def person_type_of(document: str) -> PersonType:
    """Of a valid document; empty for anything else."""
    if is_valid_cpf(document):
        return "PF"
    return "PJ" if is_valid_cnpj(document) else ""


def format_document(document: str) -> str:
    """Put the mask on a normalised document; other text comes back unchanged."""
    if len(document) == 11:
        return f"{document[:3]}.{document[3:6]}.{document[6:9]}-{document[9:]}"
    if len(document) == 14:
        return f"{document[:2]}.{document[2:5]}.{document[5:8]}/{document[8:12]}-{document[12:]}"
    return document


def mask_document(document: str) -> str:
    """Hide what identifies, for those who may not read documents; an unknown shape is hidden whole."""
    if len(document) == 11:
        return f"•••.{document[3:6]}.{document[6:9]}-••"
    if len(document) == 14:
        return f"{document[:2]}.•••.•••/{document[8:12]}-{document[12:]}"
    return "•" * len(document)


def cnpj_root(document: str) -> str:
    """The first 8 characters, equal for all establishments of a company; empty for a CPF."""
    return document[:8] if CNPJ.fullmatch(document) else ""


def parse_document(raw: str) -> ParsedDocument:
    text = unicodedata.normalize("NFKC", clean_cell(raw)).upper().strip()
    if not text:
        return ParsedDocument("blank")
    # A root may begin with CPF or CNPJ, so the whole text is tried before a label is looked for.
    whole = SEPARATORS.sub("", text)
    if person_type_of(whole):
        return accepted(whole, ())
    text = LABEL.sub("", text, count=1) if LABEL.match(text) else text
    return parse_unlabelled(text) if text else ParsedDocument("blank")


def parse_unlabelled(text: str) -> ParsedDocument:
    compact = SEPARATORS.sub("", text)
    if person_type_of(compact):
        return accepted(compact, ())
    expanded = expand_scientific(text)
    if expanded == "":
        return refused("document_precision_lost")
    if expanded is not None:
        return parse_digits(expanded, ("scientific_expanded",))
    shortened = drop_float_suffix(text)
    if shortened is not None:
        return parse_digits(shortened, ("float_suffix_removed",))
    return parse_digits(compact, ()) if DIGITS.fullmatch(compact) else parse_letters(compact)


def parse_digits(digits: str, actions: tuple[str, ...]) -> ParsedDocument:
    if is_repeated(digits):
        return refused("document_repeated_digits")
    if person_type_of(digits):
        return accepted(digits, actions)
    if len(digits) in (11, 14):
        return refused("document_check_digit")
    if not 8 <= len(digits) <= 13:
        return refused("document_length")
    padded = digits.zfill(11 if len(digits) < 11 else 14)
    if person_type_of(padded):
        return accepted(padded, (*actions, "document_zero_padded"))
    return refused("document_check_digit")


def parse_letters(compact: str) -> ParsedDocument:
    fixed = compact.translate(CONFUSABLES)
    if person_type_of(fixed):
        return accepted(fixed, ("confusable_fixed",))
    if CNPJ.fullmatch(compact):
        return refused("document_check_digit")
    if len(compact) in (11, 14) or not PLAIN.fullmatch(compact):
        return refused("document_characters")
    return refused("document_length")


def accepted(document: str, actions: tuple[str, ...]) -> ParsedDocument:
    return ParsedDocument(
        status="repaired" if actions else "valid",
        person_type="PF" if len(document) == 11 else "PJ",
        normalized=document,
        formatted=format_document(document),
        actions=actions,
    )


def refused(error: str) -> ParsedDocument:
    return ParsedDocument("invalid", error=error)
