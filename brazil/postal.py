"""CEP, UF and what follows from them."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from brazil.cells import Status, clean_cell, drop_float_suffix
from brazil.names import folded

UF_NAMES = {
    "AC": "Acre", "AL": "Alagoas", "AM": "Amazonas", "AP": "Amapá", "BA": "Bahia", "CE": "Ceará",
    "DF": "Distrito Federal", "ES": "Espírito Santo", "GO": "Goiás", "MA": "Maranhão", "MG": "Minas Gerais",
    "MS": "Mato Grosso do Sul", "MT": "Mato Grosso", "PA": "Pará", "PB": "Paraíba", "PE": "Pernambuco",
    "PI": "Piauí", "PR": "Paraná", "RJ": "Rio de Janeiro", "RN": "Rio Grande do Norte", "RO": "Rondônia",
    "RR": "Roraima", "RS": "Rio Grande do Sul", "SC": "Santa Catarina", "SE": "Sergipe", "SP": "São Paulo",
    "TO": "Tocantins",
}  # fmt: skip
UF_BY_NAME = {folded(name): uf for uf, name in UF_NAMES.items()} | {uf.lower(): uf for uf in UF_NAMES}

# First CEP of each range; a range ends where the next begins (checked against all 5,570 municipalities).
CEP_RANGES = (
    ("01000000", "SP"), ("20000000", "RJ"), ("29000000", "ES"), ("30000000", "MG"), ("40000000", "BA"),
    ("49000000", "SE"), ("50000000", "PE"), ("57000000", "AL"), ("58000000", "PB"), ("59000000", "RN"),
    ("60000000", "CE"), ("64000000", "PI"), ("65000000", "MA"), ("66000000", "PA"), ("68900000", "AP"),
    ("69000000", "AM"), ("69300000", "RR"), ("69400000", "AM"), ("69900000", "AC"), ("70000000", "DF"),
    ("72800000", "GO"), ("73000000", "DF"), ("73700000", "GO"), ("76800000", "RO"), ("77000000", "TO"),
    ("78000000", "MT"), ("79000000", "MS"), ("80000000", "PR"), ("88000000", "SC"), ("90000000", "RS"),
)  # fmt: skip
FIRST_CEPS = [first for first, _ in CEP_RANGES]
LOWEST_CEP = FIRST_CEPS[0]
OLD_RO_CEPS = "789"

ZONE_BY_UF = {
    "AC": "America/Rio_Branco", "AM": "America/Manaus", "MT": "America/Cuiaba", "MS": "America/Campo_Grande",
    "RO": "America/Porto_Velho", "RR": "America/Boa_Vista",
}  # fmt: skip
DEFAULT_ZONE = "America/Sao_Paulo"
WEST_OF_AMAZONAS = frozenset(
    {
        "atalaia do norte", "benjamin constant", "boca do acre", "eirunepe", "envira", "guajara", "ipixuna",
        "itamarati", "jutai", "labrea", "pauini", "sao paulo de olivenca", "tabatinga",
    }
)  # fmt: skip

CEP_SEPARATORS = re.compile(r"[\s.-]+")
DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class ParsedCep:
    status: Status
    normalized: str = ""
    actions: tuple[str, ...] = ()
    error: str = ""


def parse_cep(raw: str) -> ParsedCep:
    text = clean_cell(raw)
    if not text:
        return ParsedCep("blank")
    shortened = drop_float_suffix(text)
    actions = [] if shortened is None else ["float_suffix_removed"]
    digits = CEP_SEPARATORS.sub("", text if shortened is None else shortened)
    if not DIGITS.fullmatch(digits):
        return ParsedCep("invalid", error="cep_characters")
    if len(digits) == 7:
        digits = f"0{digits}"
        actions.append("cep_zero_padded")
    if len(digits) != 8:
        return ParsedCep("invalid", error="cep_length")
    if digits < LOWEST_CEP:
        return ParsedCep("invalid", error="cep_range")
    return ParsedCep("repaired" if actions else "valid", digits, tuple(actions))


def format_cep(cep: str) -> str:
    return f"{cep[:5]}-{cep[5:]}" if len(cep) == 8 else cep


def parse_uf(raw: str) -> str:
    """The two letters of a UF given by sigla or name; empty when unknown."""
    return UF_BY_NAME.get(folded(clean_cell(raw)).replace(".", ""), "")


def uf_of_cep(cep: str) -> str:
    """UF whose range holds a normalised CEP; empty below the lowest."""
    position = bisect_right(FIRST_CEPS, cep) - 1
    return CEP_RANGES[position][1] if position >= 0 else ""


def cep_agrees_with_uf(cep: str, uf: str) -> bool:
    """True also when one of the two is missing. Codes 789xx served Rondônia before 2005 and still appear."""
    if not cep or not uf:
        return True
    return uf_of_cep(cep) == uf or (uf == "RO" and cep.startswith(OLD_RO_CEPS))


def zone_of_uf(uf: str, city: str = "") -> ZoneInfo:
    """Legal time of a client. The far west of Amazonas follows Acre."""
    if uf == "AM" and folded(city) in WEST_OF_AMAZONAS:
        return ZoneInfo("America/Eirunepe")
    return ZoneInfo(ZONE_BY_UF.get(uf, DEFAULT_ZONE))
