"""What is drawn from: names, trades, places, sellers and products as temporary tables, the frequent in more slots."""

import random
from collections.abc import Iterable, Iterator
from itertools import chain

from brazil.names import folded
from carteira.demo import words_companies as companies
from carteira.demo import words_people as people
from carteira.demo.places import PLACES, REGION_OF_UF, STREETS
from carteira.demo.products import FAMILIES, OFFERS, Catalogue, Offer
from carteira.demo.words import PARTICLES, slug
from carteira.generator.database import write_lookup
from carteira.generator.staff import Seller
from clients.vocabulary import sector_named, tags_named
from contracts.models import ProductFamily

Sizes = dict[str, int]
Row = tuple[object, ...]

NAME_SLOTS = 30_000
PLACES_PER_REGION = 200
# Columns beside `slot`; a key is the folded word.
WORD = "word text, key text, slug text"
FAMILY = f"{WORD}, family text, family_key text"
TRADE = "sector_id bigint, head text, head_key text, tail text, tail_key text"
SECTOR = "sector_id bigint, cycle float8"
PLACE = "region text, choice integer, city text, city_key text, uf text, ddd text, ceps int4range, districts text[]"
SELLER = "id bigint, team_id bigint, region text"
OFFER = "product_id bigint, price float8"
PLAN = "product_id bigint, institution_id bigint, price float8, is_loan boolean"
# Trade -> days between two purchases of its typical client.
CYCLES = {
    "Comércio varejista": 67,
    "Alimentação": 48,
    "Saúde": 87,
    "Transporte e logística": 77,
    "Indústria": 105,
    "Construção civil": 133,
    "Educação": 168,
    "Agronegócio": 154,
    "Serviços": 112,
    "Beleza e bem-estar": 63,
    "Tecnologia": 98,
}
# Of people only, and of one in three of them.
AT_HOME, AT_HOME_CYCLE, AT_HOME_WEIGHT = "Aposentados e servidores", 120, 50
TAGS = ("Vip", "Indicação", "Evento", "Campanha de verão", "Prefere WhatsApp", "Pagamento em dia", "Renegociado")


def write_lookups(sellers: list[Seller], catalogue: Catalogue, *, seed: int) -> Sizes:
    """Writes every table and tells how many slots each has."""
    rng = random.Random(seed)  # noqa: S311  (the same order for the same seed)
    tables: dict[str, tuple[str, Iterable[Row]]] = {
        "given": (WORD, _repeated(_given(rng), power=0.8)),
        "surname": (FAMILY, _families(_surnames(rng))),
        "mark": (WORD, _repeated(_marks(rng), power=0.7)),
        "trade": (TRADE, _trades()),
        "sector": (SECTOR, _sectors()),
        "place": (PLACE, _places()),
        "street": ("name text", ((name,) for name in STREETS)),
        "seller": (SELLER, _sellers(sellers)),
        "offer": (OFFER, _offers(catalogue)),
        "plan": (PLAN, _plans(catalogue)),
        "tag": ("id bigint", ((tag.pk,) for tag in tags_named(TAGS))),
    }
    return {name: write_lookup(name, columns, rows) for name, (columns, rows) in tables.items()}


# --- Words ------------------------------------------------------------------------------------------


def _word(word: str) -> tuple[str, str, str]:
    return word, folded(word), slug(word, "")


def _repeated(words: list[str], *, power: float) -> Iterator[tuple[str, str, str]]:
    """As often as words are used: the frequent very, each at least once in NAME_SLOTS (Zipf)."""
    shares = [(place + 3) ** -power for place in range(len(words))]
    for word, share in zip(words, shares, strict=True):
        yield from [_word(word)] * max(1, round(NAME_SLOTS * share / sum(shares)))


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _given(rng: random.Random) -> list[str]:
    words = _unique(chain(*people.WOMEN, *people.MEN, *people.REGIONAL_WOMEN.values(), *people.REGIONAL_MEN.values()))
    return rng.sample(words, len(words))


def _surnames(rng: random.Random) -> list[tuple[str, str, str]]:
    """The common ones first, as they are: Silva, Santos, Oliveira; those of one region are rare."""
    regional = _unique(chain(*people.SURNAMES.values()))
    rare = rng.sample(regional, len(regional))
    return list(_repeated(_unique([*people.COMMON_SURNAMES, *rare]), power=1.25))


def _families(surnames: list[tuple[str, str, str]]) -> Iterator[Row]:
    """With the surname as companies bear it: "Silva", not "da Silva"."""
    for word, key, short in surnames:
        family = next((word.removeprefix(particle) for particle in PARTICLES if word.startswith(particle)), word)
        yield word, key, short, family, folded(family)


def _marks(rng: random.Random) -> list[str]:
    regional = chain(*companies.REGIONAL_NATURE.values())
    words = _unique(chain(companies.SAINTS, companies.NATURE, companies.WORDS, companies.OWNERS, regional))
    return rng.sample(words, len(words))


# --- Trades, sectors, places --------------------------------------------------------------------------


def _sector_id(name: str) -> int:
    sector = sector_named(name)
    if sector is None:
        raise ValueError("A sector of the lists has no name.")
    return sector.pk


def _trades() -> Iterator[Row]:
    for trade in companies.TRADES:
        sector = _sector_id(trade.sector)
        for place in range(trade.weight * 20):
            head, tail = trade.heads[place % len(trade.heads)], trade.tails[place % len(trade.tails)]
            yield sector, head, folded(head), tail, folded(tail)


def _sectors() -> Iterator[Row]:
    for trade in companies.TRADES:
        yield from [(_sector_id(trade.sector), CYCLES[trade.sector])] * trade.weight
    yield from [(_sector_id(AT_HOME), AT_HOME_CYCLE)] * AT_HOME_WEIGHT


def _places() -> Iterator[Row]:
    """PLACES_PER_REGION choices in each region, by the weight of its cities."""
    for region in dict.fromkeys(REGION_OF_UF.values()):
        found = [place for place in PLACES.values() if REGION_OF_UF[place.uf] == region]
        by_weight = [place for place in found for _ in range(place.weight)]
        for choice in range(PLACES_PER_REGION):
            # Steps through the list, so that each city has its share.
            place = by_weight[choice * len(by_weight) // PLACES_PER_REGION]
            ceps = f"[{place.first_cep},{place.last_cep}]"
            districts = list(place.districts)
            yield region, choice, place.city, folded(place.city), place.uf, place.ddd, ceps, districts


# --- Sellers and products -------------------------------------------------------------------------------


def _sellers(sellers: list[Seller]) -> Iterator[Row]:
    for seller in sellers:
        yield from [(seller.user.pk, seller.user.team_id, seller.region)] * seller.share


def _is_for_sale_once(offer: Offer) -> bool:
    return not offer.institutions and offer.price is not None


def _offers(catalogue: Catalogue) -> Iterator[Row]:
    """What is bought again and again, the first of the list more often."""
    offers = [offer for offer in OFFERS.values() if _is_for_sale_once(offer)]
    for place, offer in enumerate(sorted(offers, key=lambda offer: offer.price or 0)):
        yield from [(catalogue.products[offer.name].pk, float(offer.price or 0))] * (40 // (place + 2))


def _plans(catalogue: Catalogue) -> Iterator[Row]:
    """What runs for a term, with who provides it."""
    for offer in OFFERS.values():
        is_loan = FAMILIES[offer.family][0] == ProductFamily.WindowRule.CONSIGNADO
        price = float(offer.price or 320)
        for institution in offer.institutions:
            yield catalogue.products[offer.name].pk, catalogue.institutions[institution].pk, price, is_loan
