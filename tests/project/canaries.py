"""Texts that exist once: whoever finds one in a response knows whose record leaked, and which field."""

import io
import itertools
import re
import zipfile
from dataclasses import dataclass

from django.http import HttpResponseBase

from brazil.documents import CPF_WEIGHTS, check_digit, format_document, mask_document

LETTERS = "bcdfghjklm"
WORDS = re.compile(rb"zq[a-z]{4}wx")
ADDRESSES = re.compile(rb"[a-z]+@[a-z.]+")
# Numbers with what people and programs put between their digits.
NUMBERS = re.compile(rb"[0-9*][0-9*., /-]{4,}[0-9*]")


@dataclass(frozen=True)
class Canary:
    """`label` names the record it belongs to, `field` the field; any of `forms` found is the canary found."""

    label: str
    field: str
    forms: tuple[bytes, ...]


class Canaries:
    """Makes canaries and remembers them by the record they belong to."""

    def __init__(self) -> None:
        self.planted: list[Canary] = []
        self._numbers = itertools.count(1)

    def plant(self, label: str, field: str, *forms: str) -> None:
        self.planted.append(Canary(label, field, tuple(form.lower().encode() for form in forms)))

    def word(self, label: str, field: str) -> str:
        """A word of letters only: it survives folding, escaping and every encoding."""
        digits = f"{next(self._numbers):04d}"
        text = "Zq" + "".join(LETTERS[int(digit)] for digit in digits) + "wx"
        self.plant(label, field, text)
        return text

    def cpf(self, label: str) -> str:
        """Whole, with punctuation and masked: even the mask tells something of a hidden client."""
        number = f"{731_000_000 + 7919 * next(self._numbers):09d}"
        first = check_digit(number, CPF_WEIGHTS[0])
        document = number + first + check_digit(number + first, CPF_WEIGHTS[1])
        self.plant(label, "document (whole)", document, format_document(document))
        self.plant(label, "document (masked)", mask_document(document).strip("•.-"))
        return document

    def phone(self, label: str, field: str) -> str:
        local = f"{97_310_000 + 37 * next(self._numbers):08d}"
        self.plant(label, field, local, f"{local[:4]}-{local[4:]}", f"{local[:4]} {local[4:]}")
        return f"+55119{local}"

    def email(self, label: str, field: str) -> str:
        return f"{self.word(label, field).lower()}@exemplo.com.br"

    def cep(self, label: str) -> str:
        number = f"{47_310_000 + 41 * next(self._numbers):08d}"
        self.plant(label, "cep", number, f"{number[:5]}-{number[5:]}")
        return number

    def amount(self, label: str, field: str) -> str:
        """Reais with cents that no other number has."""
        number = next(self._numbers)
        whole, cents = 61_000 + 13 * number, number % 100
        thousands = f"{whole // 1000}.{whole % 1000:03d}"
        self.plant(label, field, f"{thousands},{cents:02d}", f"{whole},{cents:02d}", f"{whole}.{cents:02d}")
        return f"{whole}.{cents:02d}"

    def found_in(self, content: bytes) -> list[Canary]:
        """Only words and numbers are searched: a page has few of them."""
        lowered = content.lower()
        words = b" ".join({*WORDS.findall(lowered), *ADDRESSES.findall(lowered)})
        numbers = b"\n".join({*NUMBERS.findall(lowered)})
        found = []
        for canary in self.planted:
            where = words if canary.forms[0][:1].isalpha() else numbers
            if any(form in where for form in canary.forms):
                found.append(canary)
        return found


def all_bytes(response: HttpResponseBase) -> bytes:
    """Everything that leaves: headers, cookies, the body; a workbook is unpacked."""
    if response.streaming:
        body = b"".join(response.streaming_content)
    else:
        body = response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output()
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return b"\n".join([headers.encode(), cookies.encode(), body])
