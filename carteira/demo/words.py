"""Draws names of people and companies that fit a region and an age, never the same one twice."""

import random
from dataclasses import dataclass

from brazil.names import folded, name_key
from carteira.demo import words_companies as companies
from carteira.demo import words_people as people
from carteira.demo.places import REGION_OF_UF

PARTICLES = ("da ", "de ", "do ", "dos ", "das ")
_TRADE_WEIGHTS = [trade.weight for trade in companies.TRADES]


@dataclass(frozen=True, slots=True)
class PersonName:
    given: str
    surnames: str
    is_woman: bool

    @property
    def full(self) -> str:
        return f"{self.given} {self.surnames}"


@dataclass(frozen=True, slots=True)
class CompanyName:
    legal: str
    trade_name: str
    sector: str
    family: str

    @property
    def known_as(self) -> str:
        return self.trade_name or self.legal


class Namer:
    def __init__(self, rng: random.Random, taken: set[str]) -> None:
        self.rng = rng
        self.taken = {name_key(name) for name in taken}

    def person(self, uf: str, birth_year: int) -> PersonName:
        while True:
            is_woman = self.rng.random() < 0.53
            name = PersonName(self._first(uf, birth_year, is_woman=is_woman), self._surnames(uf), is_woman)
            if self._is_new(name.full):
                return name

    def colleague(self, uf: str, family: str) -> PersonName:
        """Somebody to speak to at a company; in a family business often one of the family."""
        is_woman = self.rng.random() < 0.5
        first = self._first(uf, self.rng.randint(1960, 1998), is_woman=is_woman)
        surname = family if family and self.rng.random() < 0.6 else self._surname(uf)
        return PersonName(first, surname, is_woman)

    def social_name(self, name: PersonName, uf: str, birth_year: int) -> str:
        """Another first name before the same surnames."""
        return f"{self._first(uf, birth_year, is_woman=not name.is_woman)} {name.surnames}"

    def company(self, uf: str) -> CompanyName:
        while True:
            trade = self.rng.choices(companies.TRADES, _TRADE_WEIGHTS)[0]
            name, family = self._company_name(trade, uf)
            if self._is_new(name):
                return self._registered(name, family, trade, uf)

    # --- People -----------------------------------------------------------------------------------

    def _first(self, uf: str, birth_year: int, *, is_woman: bool) -> str:
        generation = 0 if birth_year < 1965 else 1 if birth_year < 1986 else 2
        regional = (people.REGIONAL_WOMEN if is_woman else people.REGIONAL_MEN).get(REGION_OF_UF[uf], ())
        if generation < 2 and regional and self.rng.random() < 0.15:
            return self.rng.choice(regional)
        return self.rng.choice((people.WOMEN if is_woman else people.MEN)[generation])

    def _surname(self, uf: str) -> str:
        regional = people.SURNAMES[REGION_OF_UF[uf]]
        return self.rng.choice(regional if self.rng.random() < 0.4 else people.COMMON_SURNAMES)

    def _surnames(self, uf: str) -> str:
        mother, father = self._surname(uf), self._surname(uf)
        if mother == father or self.rng.random() < 0.22:
            return father
        return f"{mother} {father}"

    def _is_new(self, name: str) -> bool:
        key = name_key(name)
        if key in self.taken:
            return False
        self.taken.add(key)
        return True

    # --- Companies --------------------------------------------------------------------------------

    def _family(self, uf: str) -> str:
        surname = self._surname(uf)
        return next((surname.removeprefix(word) for word in PARTICLES if surname.startswith(word)), surname)

    def _company_name(self, trade: companies.Trade, uf: str) -> tuple[str, str]:
        region, head = REGION_OF_UF[uf], self.rng.choice(trade.heads)
        match self.rng.choice(trade.marks):
            case "f":
                return self._family_business(trade, head, uf)
            case "s":
                mark = self.rng.choice(companies.SAINTS)
            case "n":
                regional = self.rng.random() < 0.35
                mark = self.rng.choice(companies.REGIONAL_NATURE[region] if regional else companies.NATURE)
            case "o":
                mark = self.rng.choice(companies.OWNERS)
            case "p":
                mark = self.rng.choice(companies.PLACES[region])
            case _:
                mark = self.rng.choice(companies.WORDS)
        return f"{head} {mark}", ""

    def _family_business(self, trade: companies.Trade, head: str, uf: str) -> tuple[str, str]:
        family, tail, kind = self._family(uf), self.rng.choice(trade.tails), self.rng.random()
        partner = self._family(uf)
        if "Advogados" in tail or (kind < 0.2 and partner != family):
            return f"{family} & {partner if partner != family else 'Leal'} {tail}", family
        if kind < 0.3:
            return f"Irmãos {family} {tail}", family
        return (f"{family} {tail}" if kind < 0.65 else f"{head} {family}"), family

    def _firm(self, trade: companies.Trade, uf: str) -> tuple[str, str]:
        """A company known by another name than the one in its papers."""
        what = "Comércio e Serviços" if trade.sector in {"Serviços", "Tecnologia"} else "& Cia"
        while True:
            family, partner = self._family(uf), self._family(uf)
            legal = f"{family} & {partner} Ltda" if self.rng.random() < 0.4 else f"{family} {what} Ltda"
            if family != partner and self._is_new(legal):
                return family, legal

    def _registered(self, name: str, family: str, trade: companies.Trade, uf: str) -> CompanyName:
        if "Advogados" in name or name.startswith("Cooperativa"):
            return CompanyName(name, "", trade.sector, family)
        if not family and self.rng.random() < 0.14:
            family, legal = self._firm(trade, uf)
            return CompanyName(legal, name, trade.sector, family)
        ending = self.rng.choices((" Ltda", " Ltda ME", " Ltda EPP", " S.A.", ""), (58, 18, 10, 4, 10))[0]
        return CompanyName(f"{name}{ending}", "", trade.sector, family)


def slug(name: str, separator: str = ".") -> str:
    """Letters and digits of a name for an address: "Padaria Pão da Vila" is padaria.pao.da.vila."""
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in folded(name))
    return separator.join(plain.split())
