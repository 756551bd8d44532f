"""The cells of the exported list as database expressions: the same text as `portfolio.export.plain_rows`."""

from typing import Any

from django.db.models import Case, CharField, F, FilteredRelation, Func, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Length, NullIf, Repeat, Right, Substr

from clients.models import ClientQuerySet, PortfolioClass
from clients.models.client import PersonType

# Stands around a number from abroad, which is given its form after the database (export._with_foreign_phones).
FOREIGN = "\x1f"


class Harmless(Func):
    """A leading quote keeps a spreadsheet from taking the text for a formula: `export.harmless`. PostgreSQL keeps no
    NUL; an empty text stays NULL, which a CSV shows as nothing."""

    template = (
        "CASE WHEN left(%(expressions)s, 1) = ANY"
        " (ARRAY['=', '+', '-', '@', E'\\t', E'\\r', E'\\n', '＝', '＋', '－', '＠'])"
        " THEN '''' || %(expressions)s ELSE %(expressions)s END"
    )
    output_field = CharField()

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(*args, **kwargs)
        # The template names the expression three times.
        return sql, (*params, *params, *params)


class Day(Func):
    template = "to_char(%(expressions)s, 'DD/MM/YYYY')"
    output_field = CharField()


def _text(path: str) -> Harmless:
    return Harmless(NullIf(F(path), Value("")))


def _word(path: str, choices: list[tuple[str, Any]]) -> Case:
    whens = [When(**{path: value}, then=Value(str(label))) for value, label in choices]
    return Case(*whens, default=NullIf(F(path), Value("")), output_field=CharField())


def _document() -> Case:
    """`brazil.documents.mask_document`."""
    size = Length("document")
    person = Concat(Value("•••."), Substr("document", 4, 3), Value("."), Substr("document", 7, 3), Value("-••"))
    company = Concat(
        Substr("document", 1, 2), Value(".•••.•••/"), Substr("document", 9, 4), Value("-"), Substr("document", 13)
    )
    unknown = Repeat(Value("•"), size)
    return Case(
        When(Q(document=""), then=Value(None)),
        When(Q(size=11), then=person),
        When(Q(size=14), then=company),
        default=unknown,
        output_field=CharField(),
    )


def _phone() -> Case:
    """`brazil.phones.format_phone` for Brazilian numbers."""
    number = F("first_phone__e164")
    middle = Func(number, function="substr", template="substr(%(expressions)s, 6, length(%(expressions)s) - 9)")
    brazilian = Concat(
        Value("("), Substr(number, 4, 2), Value(") "), middle, Value("-"), Right(number, 4), output_field=CharField()
    )
    return Case(
        When(first_phone__e164__regex=r"^\+55.{10,11}$", then=brazilian),
        When(first_phone__e164__isnull=False, then=Concat(Value(FOREIGN), number, Value(FOREIGN))),
        output_field=CharField(),
    )


def joined(found: ClientQuerySet) -> ClientQuerySet:
    """With `first_phone`, the number that is called first: at most one a client."""
    return found.annotate(first_phone=FilteredRelation("phones", condition=Q(phones__is_primary=True)))


def by_name(found: ClientQuerySet) -> Any:
    """The cells of each client, in the order of export.HEADINGS."""
    cells = {
        "cell_code": _text("code"),
        "cell_name": Harmless(Coalesce(NullIf(F("social_name"), Value("")), F("name"))),
        "cell_type": _word("person_type", PersonType.choices),
        "cell_document": _document(),
        "cell_city": _text("city"),
        "cell_uf": _text("uf"),
        "cell_phone": _phone(),
        "cell_class": _word("portfolio_class", PortfolioClass.choices),
        "cell_since": Day("class_since"),
        "cell_bought": Day("cycle__last_on"),
        "cell_owner": _text("owner__name"),
    }
    return joined(found).annotate(size=Length("document"), **cells).order_by("name_key", "pk").values_list(*cells)
