"""Rows of a client file that need no repair, cleaned a block at a time and written ready for COPY.

What is not clean for sure is left to `imports.cleaning`, row by row; the outcome is the same. Runs in the reader of
spreadsheets only.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from brazil import columns
from imports.blocks import Block
from imports.outcomes import FOOTER_STARTS

# Field of the file -> field of the values and the longest text the base holds; 0 is no limit.
TEXTS = {
    "codigo": ("code", 40),
    "cidade": ("city", 80),
    "produto": ("declared_product", 120),
    "vendedor": ("seller", 0),
    "segmento": ("segment", 80),
    "origem": ("origin", 80),
}
LONGEST_NAME = 200
FOOTER = f"(?i)^{columns.any_of(FOOTER_STARTS)}"

VALUES = (
    "document", "person_type", "name", "name_key", "phones", "emails", "birth_date", "cep", "uf", "declared_amount",
    *(name for name, _limit in TEXTS.values()),
)  # fmt: skip
NOTHING = pl.lit("")

type Values = dict[str, pl.Expr]


class CleanRows:
    """`mapping` gives the field of each column, as for `imports.outcomes.ClientOutcomes`."""

    def __init__(
        self, header: Sequence[str], mapping: Mapping[int, str], *, today: date, default_ddd: str = ""
    ) -> None:
        self.header = [name.strip() for name in header]
        self.mapping = mapping
        self.today = today
        self.default_ddd = default_ddd
        self.emails = columns.EmailColumns()
        self.width = 0

    def split(self, block: Block) -> tuple[bytes, list[int]]:
        """The clean rows as lines for COPY, and the indexes of the others."""
        self.width = self.width or len(block.record(0).cells)
        if not self.cells_of("nome"):
            return b"", list(range(len(block)))
        cells = block.columns(self.width)
        # What a lazy frame needs twice it computes once; with a function of ours among the columns it does not.
        phones = cells.lazy().select(phones=self.phones()).collect()
        found = cells.with_columns(*phones, **self.values()).lazy().with_columns(**self.names()).collect()
        found = found.with_columns(is_clean=self.is_clean())
        rows = found.select(
            "is_clean",
            position=pl.int_range(block.first, block.first + len(block)),
            line=pl.Series(block.lines()),
            document="document",
            code="code",
            phones=pl.format("{{{}}}", "phones"),
            raw=json_list(map(pl.col, cells.columns)),
            values=json_object(VALUES),
        )
        is_clean = rows["is_clean"]
        return lines_for_copy(rows.filter(is_clean).drop("is_clean")), (~is_clean).arg_true().to_list()

    def is_clean(self) -> pl.Expr:
        """Every cell is plain, none stands beyond the header, every value was read, no warning is due."""
        cells = self.cells()
        is_plain = pl.all_horizontal(map(columns.is_plain, cells))
        is_inside = pl.all_horizontal([cell == "" for cell in cells[len(self.header) :]] or [pl.lit(True)])
        is_read = pl.all_horizontal([pl.col(name).is_not_null() for name in VALUES])
        has_identifier = pl.any_horizontal([pl.col(name) != "" for name in ("document", "phones", "emails")])
        place_fits = columns.cep_agrees_with_uf(pl.col("cep"), pl.col("uf"))
        found = is_plain & is_inside & is_read & has_identifier & place_fits & ~self.is_no_record()
        return found.fill_null(value=False)

    def is_no_record(self) -> pl.Expr:
        """A footer, or the header once more."""
        cells = self.cells()
        filled = pl.sum_horizontal([(cell != "").cast(pl.Int32) for cell in cells])
        is_footer = (filled <= 2) & pl.any_horizontal([cell.str.contains(FOOTER) for cell in cells])
        is_header = pl.all_horizontal([cell == name for cell, name in zip(cells, self.header, strict=False)])
        return is_footer | is_header

    def values(self) -> Values:
        """Columns of the values of `imports.cleaning.ClientValues` beside phones: null where a row is not clean."""
        values = {
            "document": first_filled([columns.documents(cell) for cell in self.cells_of("documento")]),
            "emails": united([self.emails.addresses(cell) for cell in self.cells_of("email")]),
            "birth_date": columns.birth_dates(self.first("nascimento"), today=self.today),
            "cep": columns.ceps(self.first("cep")),
            "uf": columns.ufs(self.first("uf")),
            "declared_amount": columns.amounts(self.first("valor")),
        }
        return values | {name: limited(self.first(field), limit) for field, (name, limit) in TEXTS.items()}

    def names(self) -> Values:
        """What follows from the document and the name."""
        person_type = columns.person_types(pl.col("document"))
        name = limited(columns.names(self.first("nome"), person_type), LONGEST_NAME)
        return {"person_type": person_type, "name": name, "name_key": columns.folded(name)}

    def cells(self) -> list[pl.Expr]:
        return [pl.col(str(column)) for column in range(self.width)]

    def cells_of(self, name: str) -> list[pl.Expr]:
        """The cells of a field, in the order of the mapping."""
        return [pl.col(str(column)) for column, field in self.mapping.items() if field == name and column < self.width]

    def first(self, name: str) -> pl.Expr:
        return first_filled(self.cells_of(name))

    def phones(self) -> pl.Expr:
        """Mobiles before landlines, with commas between them."""
        own = first_filled([columns.area_codes(cell) for cell in self.cells_of("ddd")])
        area_code = own.replace("", self.default_ddd)
        numbers = [columns.phones(cell, area_code) for cell in self.cells_of("telefone")]
        if len(numbers) < 2:
            return united(numbers)
        mobiles = [pl.when(columns.is_mobile(number)).then(number).otherwise(NOTHING) for number in numbers]
        return united([*mobiles, *numbers])


def first_filled(found: Sequence[pl.Expr]) -> pl.Expr:
    """The first cell that is not empty; null when any is null."""
    if len(found) < 2:
        return found[0] if found else NOTHING
    filled = pl.coalesce([*(pl.when(cell != "").then(cell) for cell in found), NOTHING])
    return pl.when(pl.all_horizontal([cell.is_not_null() for cell in found])).then(filled)


def united(found: Sequence[pl.Expr]) -> pl.Expr:
    """The filled cells once each, with commas between them; null when any is null."""
    if len(found) < 2:
        return first_filled(found)
    filled = pl.concat_list(found).list.eval(pl.element().filter(pl.element() != ""))
    text = filled.list.unique(maintain_order=True).list.join(",")
    return pl.when(pl.all_horizontal([cell.is_not_null() for cell in found])).then(text)


def limited(text: pl.Expr, limit: int) -> pl.Expr:
    """Null where a text is longer than the base holds."""
    return pl.when(text.str.len_chars() <= limit).then(text) if limit else text


# --- As text: plain cells hold nothing that JSON or COPY would have to escape --------------------------


def json_list(cells: Iterable[pl.Expr]) -> pl.Expr:
    return pl.format('["{}"]', pl.concat_str(cells, separator='","'))


def json_object(names: Iterable[str]) -> pl.Expr:
    """Of what is not empty."""
    members = [pl.when(pl.col(name) != "").then(pl.format(f'"{name}":{{}}', as_json(name))) for name in names]
    return pl.format("{{{}}}", pl.concat_str(members, separator=",", ignore_nulls=True))


def as_json(name: str) -> pl.Expr:
    text = pl.col(name)
    if name == "phones":
        mobiles = text.str.replace_all(r"(\+[0-9]{13})", '["$1","MOBILE",""]')
        return pl.format("[{}]", mobiles.str.replace_all(r"(\+[0-9]{12})(,|$)", '["$1","LANDLINE",""]$2'))
    if name == "emails":
        return pl.format('["{}"]', text.str.replace_all(",", '","', literal=True))
    return pl.format('"{}"', text)


def lines_for_copy(rows: pl.DataFrame) -> bytes:
    return rows.write_csv(separator="\t", quote_style="never", include_header=False).encode()
