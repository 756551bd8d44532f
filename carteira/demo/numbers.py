"""Documents and phones with valid form and check digits. They may exist by chance, so never call them."""

import datetime
import random
import string
from collections.abc import Callable
from itertools import pairwise

from brazil.documents import CNPJ_WEIGHTS, CPF_WEIGHTS, Weights, check_digit, is_repeated
from carteira.demo.places import Place

# The ninth digit of a CPF tells the fiscal region that issued it.
_FISCAL_REGION = {
    uf: str(digit)
    for digit, ufs in enumerate(
        (
            "RS",
            "DF GO MT MS TO",
            "AC AM AP PA RO RR",
            "CE MA PI",
            "AL PB PE RN",
            "BA SE",
            "MG",
            "ES RJ",
            "SP",
            "PR SC",
        )
    )
    for uf in ufs.split()
}
# About the first root of a CNPJ issued in a year; in between they grow evenly.
_ROOTS = ((1994, 1_000_000), (2001, 4_300_000), (2010, 11_500_000), (2016, 24_000_000), (2021, 40_000_000),
          (2024, 53_000_000), (2027, 66_000_000))  # fmt: skip
LETTERS_SINCE = datetime.date(2026, 7, 1)


class Numbers:
    """Draws each document and phone once."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()

    def cpf(self, uf: str) -> str:
        while True:
            body = f"{self.rng.randrange(10_000_000, 99_999_999):08}{_FISCAL_REGION[uf]}"
            if not is_repeated(body) and self._is_new(document := _with_digits(body, CPF_WEIGHTS)):
                return document

    def cnpj(self, founded: datetime.date) -> str:
        while True:
            document = self.branch_of(self._root(founded), 1)
            if self._is_new(document):
                return document

    def branch_of(self, root: str, order: int) -> str:
        """Another establishment of the same company has the same first eight characters."""
        return _with_digits(f"{root[:8]}{order:04}", CNPJ_WEIGHTS)

    def _root(self, founded: datetime.date) -> str:
        if founded >= LETTERS_SINCE:
            letters = string.ascii_uppercase + string.digits
            return "".join(self.rng.choices(letters, k=8))
        year = max(founded.year + founded.timetuple().tm_yday / 366, 1994.0)
        for (start, low), (end, high) in pairwise(_ROOTS):
            if year < end:
                middle = low + (high - low) * (year - start) / (end - start)
                return f"{int(middle) + self.rng.randrange(900_000):08}"
        return f"{self.rng.randrange(60_000_000, 67_000_000):08}"

    def mobile(self, place: Place) -> str:
        return self._phone(place.ddd, lambda: f"9{self.rng.choice('6789')}{self.rng.randrange(10**7):07}")

    def landline(self, place: Place) -> str:
        return self._phone(place.ddd, lambda: f"3{self.rng.randrange(200, 700)}{self.rng.randrange(10**4):04}")

    def _phone(self, ddd: str, draw: Callable[[], str]) -> str:
        while True:
            number = draw()
            if len(set(number[1:])) > 2 and self._is_new(phone := f"+55{ddd}{number}"):
                return phone

    def _is_new(self, number: str) -> bool:
        if number in self.taken:
            return False
        self.taken.add(number)
        return True


def _with_digits(body: str, weights: Weights) -> str:
    for row in weights:
        body += check_digit(body, row)
    return body
