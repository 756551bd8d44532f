"""The rules of cells (documents, phones, names, ...) over whole columns, for cells that need no repair.

Every rule takes a column of plain cells (see `is_plain`) as an expression of polars and gives what the rule for one
cell gives: its value, "" for an empty cell. Where a cell is anything but clean it gives null, and the row must be read
by itself: a rule here may decline too much, and never differ. Only the reader of spreadsheets loads this module, since
polars takes memory.
"""

import re
from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from brazil.cells import PLACEHOLDERS
from brazil.dates import OLDEST_YEARS
from brazil.documents import CNPJ_WEIGHTS, CPF_WEIGHTS, Weights
from brazil.emails import TYPO_DOMAINS, checked_domain
from brazil.names import NAMES_OF_NOBODY, NUMERALS, PARTICLES
from brazil.phones import UF_BY_DDD
from brazil.postal import CEP_RANGES, LOWEST_CEP, OLD_RO_CEPS, UF_BY_NAME

# Letters whose case and accent can be taken away one by one; nothing that can be half of damaged UTF-8.
CAPITAL = "À-ÅÇ-ÏÑ-ÖÙ-Ý"
SMALL = "à-åç-ïñ-öù-ý"
ACCENTED = CAPITAL + SMALL
LETTER = f"[A-Za-z{ACCENTED}]"
# Neither space nor quote nor backslash: a plain cell goes into JSON and COPY as it is.
VISIBLE = rf"[!#-\[\]-~{ACCENTED}]"
PLAIN = rf"^(?:{VISIBLE}+(?: {VISIBLE}+)*)?$"
ACCENTS = {"a": "aàáâãäå", "c": "cç", "e": "eèéêë", "i": "iìíîï", "n": "nñ", "o": "oòóôõö", "u": "uùúûü", "y": "yý"}
BASE_OF = {char: base for base, chars in ACCENTS.items() for char in chars[1:]}
MOST_DOMAINS = 2_000


def any_of(texts: Iterable[str]) -> str:
    """A pattern for these folded texts with whatever accents."""
    letters = ("".join(f"[{ACCENTS[char]}]" if char in ACCENTS else re.escape(char) for char in text) for text in texts)
    return f"(?:{'|'.join(sorted(letters))})"


PLACEHOLDER = f"(?i)^{any_of(PLACEHOLDERS)}$"
NOBODY = f"(?i)^[ .:;,_*-]*(?:x*|{any_of(NAMES_OF_NOBODY)})[ .:;,_*-]*$"


def is_plain(cell: pl.Expr) -> pl.Expr:
    """Cells that cleaning leaves as they are."""
    return cell.str.contains(PLAIN) & ~cell.str.contains(PLACEHOLDER) & ~cell.str.starts_with("'")


def folded(plain: pl.Expr) -> pl.Expr:
    """As names.folded."""
    return plain.str.to_lowercase().str.replace_many(list(BASE_OF), list(BASE_OF.values()))


def clean(value: pl.Expr, condition: pl.Expr, *, cell: pl.Expr) -> pl.Expr:
    """The value where the condition holds or the cell is empty, else null."""
    return pl.when(cell == "").then(pl.lit("")).when(condition).then(value)


# --- Documents ---------------------------------------------------------------------------------------


def documents(cell: pl.Expr) -> pl.Expr:
    compact = cell.str.replace_all("[./_ -]", "").str.to_uppercase()
    is_issued = compact.map_batches(are_issued, return_dtype=pl.Boolean)
    return clean(compact, cell.str.contains("^[0-9A-Za-z./_ -]+$") & is_issued, cell=cell)


def are_issued(compact: pl.Series) -> pl.Series:
    found = check_digits_hold(compact, "^[0-9]{11}$", CPF_WEIGHTS)
    return pl.Series(found | check_digits_hold(compact, "^[0-9A-Z]{12}[0-9]{2}$", CNPJ_WEIGHTS))


def check_digits_hold(compact: pl.Series, shape: str, weights: Weights) -> npt.NDArray[np.bool_]:
    fits = compact.str.contains(shape).fill_null(value=False)
    text = "".join(compact.filter(fits).to_list()).encode("ascii")
    chars = np.frombuffer(text, dtype=np.uint8).reshape(-1, len(weights[1]) + 1).astype(np.int32) - 48
    is_right = (chars != chars[:, :1]).any(axis=1)
    for row in weights:
        rest = chars[:, : len(row)] @ np.array(row, dtype=np.int32) % 11
        is_right &= chars[:, len(row)] == np.where(rest < 2, 0, 11 - rest)
    found = fits.to_numpy(writable=True)
    found[found] = is_right
    return found


def person_types(document: pl.Expr) -> pl.Expr:
    length = document.str.len_bytes()
    return pl.when(length == 11).then(pl.lit("PF")).when(length == 14).then(pl.lit("PJ")).otherwise(pl.lit(""))


# --- Names -------------------------------------------------------------------------------------------


def names(cell: pl.Expr, person_type: pl.Expr) -> pl.Expr:
    """As names.display_name; null also for what is no name, so that no cell is empty here."""
    has_two_cases = cell.str.contains(f"[a-z{SMALL}]") & cell.str.contains(f"[A-Z{CAPITAL}]")
    numerals = f"(?i)^(?:{'|'.join(sorted(NUMERALS))})(?: |$)"
    is_titled = cell.str.contains(f"^{LETTER}+(?: {LETTER}+)*$") & ~cell.str.contains(numerals)
    shown = pl.when(has_two_cases | (person_type == "PJ")).then(cell).when(is_titled).then(titled(cell))
    return pl.when(cell.str.contains(f"{LETTER}{{2}}") & ~cell.str.contains(NOBODY)).then(shown)


def titled(cell: pl.Expr) -> pl.Expr:
    """Spaces are doubled meanwhile, so that neighbours may both be replaced."""
    small = {f" {word.title()} ": f" {word} " for word in sorted(PARTICLES)}
    numerals = {f" {word.title()} ": f" {word} " for word in sorted(NUMERALS)}
    words = (cell.str.to_titlecase() + " ").str.replace_all(" ", "  ", literal=True)
    return words.str.replace_many(small | numerals).str.replace_all("  ", " ", literal=True).str.strip_chars_end(" ")


# --- Phones and e-mails ------------------------------------------------------------------------------


def phones(cell: pl.Expr, area_code: pl.Expr) -> pl.Expr:
    """E.164 of mobiles and landlines written with area code, or without when the row has one of its own."""
    digits = cell.str.replace_all("[^0-9]", "")
    length, has_plus = digits.str.len_bytes(), cell.str.starts_with("+")
    with_country = digits.str.starts_with("55") & length.is_in([12, 13])
    is_local = length.is_in([8, 9]) & ~digits.str.contains("^[34]00[0-9]{5}$") & ~has_plus
    number = (
        pl.when(with_country)
        .then(digits.str.slice(2))
        .when(~has_plus & length.is_in([10, 11]))
        .then(digits)
        .when(is_local)
        .then(area_code + digits)
    )
    is_mobile = number.str.contains("^..9[0-9]{8}$") & ~number.str.ends_with("999999999")
    is_landline = number.str.contains("^..[2-5][0-9]{7}$") & ~number.str.contains("^..(?:2{8}|3{8}|4{8}|5{8})$")
    is_known = number.str.slice(0, 2).is_in(sorted(UF_BY_DDD))
    is_clean = cell.str.contains(r"^\+?[0-9() -]+$") & is_known & (is_mobile | is_landline)
    return clean(pl.lit("+55") + number, is_clean, cell=cell)


def area_codes(cell: pl.Expr) -> pl.Expr:
    return clean(cell, cell.is_in(sorted(UF_BY_DDD)), cell=cell)


def is_mobile(e164: pl.Expr) -> pl.Expr:
    return e164.str.len_bytes() == len("+5511987654321")


class EmailColumns:
    """Remembers which domains are good. Each new one is looked at by the slow rule, so there is a limit to them."""

    def __init__(self) -> None:
        self.domains: dict[str, bool] = {}

    def addresses(self, cell: pl.Expr) -> pl.Expr:
        lower = cell.str.to_lowercase()
        is_formed = cell.str.contains("^[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*@[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+$")
        is_short = (lower.str.len_bytes() <= 254) & lower.str.contains("^[^@]{1,64}@")
        domain = pl.when(is_formed & is_short).then(lower.str.extract("@(.*)$"))
        return clean(lower, domain.map_batches(self.are_good, return_dtype=pl.Boolean), cell=cell)

    def are_good(self, domains: pl.Series) -> pl.Series:
        """A domain that is probably a slip earns a warning, which the slow way gives."""
        for domain in domains.drop_nulls().unique().to_list():
            if domain not in self.domains and len(self.domains) < MOST_DOMAINS:
                self.domains[domain] = checked_domain(domain) == domain and domain not in TYPO_DOMAINS
        return domains.is_in([known for known, is_good in self.domains.items() if is_good])


# --- Dates, places and amounts -----------------------------------------------------------------------


def birth_dates(cell: pl.Expr, *, today: date) -> pl.Expr:
    """ISO days, of dd/mm/yyyy and yyyy-mm-dd."""
    iso = cell.str.replace("^([0-9]{2})/([0-9]{2})/([0-9]{4})$", "$3-$2-$1")
    formed = pl.when(iso.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(iso)
    day = formed.str.to_date("%Y-%m-%d", strict=False)
    return clean(iso, (day <= today) & (day.dt.year() > today.year - OLDEST_YEARS), cell=cell)


def ceps(cell: pl.Expr) -> pl.Expr:
    digits = cell.str.replace("-", "", literal=True)
    return clean(digits, cell.str.contains("^[0-9]{5}-?[0-9]{3}$") & (digits >= LOWEST_CEP), cell=cell)


def ufs(cell: pl.Expr) -> pl.Expr:
    plain = folded(cell).str.replace_all(".", "", literal=True)
    found = plain.replace_strict(UF_BY_NAME, default=None, return_dtype=pl.String)
    return clean(found, found.is_not_null(), cell=cell)


def cep_agrees_with_uf(cep: pl.Expr, uf: pl.Expr) -> pl.Expr:
    """Of clean CEPs and UFs; true also when one of the two is missing."""
    firsts = pl.Series([int(first) for first, _uf in CEP_RANGES])
    number = cep.replace("", LOWEST_CEP).cast(pl.Int64)
    of_range = pl.lit(pl.Series([uf for _first, uf in CEP_RANGES])).gather(
        pl.lit(firsts).search_sorted(number, side="right").cast(pl.Int64) - 1
    )
    is_old_ro = (uf == "RO") & cep.str.starts_with(OLD_RO_CEPS)
    return (cep == "") | (uf == "") | (of_range == uf) | is_old_ro


def amounts(cell: pl.Expr) -> pl.Expr:
    """Reais with a point and two decimals: of `1.234,56`, `1234,56`, `1234.56` and `1234`, with or without R$."""
    number = cell.str.replace(r"^R\$ ?", "")
    whole = number.str.extract(r"^(0|[1-9][0-9]{0,9}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,3})(?:,[0-9]{2})?$")
    decimals = number.str.extract(",([0-9]{2})$").fill_null("00")
    brazilian = pl.format("{}.{}", whole.str.replace_all(".", "", literal=True), decimals)
    american = number.str.extract(r"^((?:0|[1-9][0-9]{0,9})\.[0-9]{2})$")
    value = pl.when(whole.is_not_null()).then(brazilian).otherwise(american)
    return clean(value, value.is_not_null(), cell=cell)
