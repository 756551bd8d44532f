"""`{% each row in rows with is_own i_* t_* %}…{% endeach %}`: a loop over rows of plain texts.

Django's language takes a tenth of a millisecond for each row. Here it writes the body once for each kind of row, with
places where the texts go, and keeps that; every row is then one formatting. A kind is which texts are empty, so the
body may ask `{% if row.tel %}`, but may neither filter nor compare a text of the row, nor speak of the loop.

The body knows the names behind `with` and no others (`t_*` are all that begin so); what is kept is kept for their
values.
"""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from core.markup import escaped
from core.templatetags.shell import PLACE

register = template.Library()

# No text of ours holds it, and nothing escapes it.
MARK = "\0"
# A break with its indentation between two pieces of the body.
BREAK = re.compile(r"\s*\n\s*")
MOST_KEPT = 1_000


@register.tag
def each(parser: Parser, token: Token) -> "Each":
    _each, name, _in, rows, *given = token.split_contents()
    body = parser.parse(("endeach",))
    parser.delete_first_token()
    return Each(name, parser.compile_filter(rows), given[1:], body)


class Each(template.Node):
    child_nodelists = ("body",)

    def __init__(self, name: str, rows: FilterExpression, given: Sequence[str], body: NodeList) -> None:
        self.name, self.rows, self.body = name, rows, body
        self.given = {word for word in given if not word.endswith("*")}
        self.prefixes = tuple(word.removesuffix("*") for word in given if word.endswith("*"))
        self.stencils: dict[tuple[Any, ...], Stencil] = {}

    def render(self, context: Context) -> SafeString:
        values = self._values(context)
        # The token differs with every page: it is put in at the end.
        token = values.get("csrf_token")
        if token is not None:
            values["csrf_token"] = PLACE
        seen = tuple(map(_frozen, values.values()))
        lines = [self._stencil(row, values, seen, context).fill(row) for row in self.rows.resolve(context)]
        written = "".join(lines)
        # Literals were written by the template, texts are escaped as they are put in.
        return SafeString(written if token is None else written.replace(PLACE, escaped(token)))

    def _values(self, context: Context) -> dict[str, Any]:
        known: dict[Any, Any] = context.flatten()
        return {name: known[name] for name in known if name in self.given or name.startswith(self.prefixes)}

    def _stencil(self, row: Any, values: dict[str, Any], seen: tuple[Any, ...], context: Context) -> "Stencil":
        kind = (seen, *map(bool, row))
        if kind not in self.stencils:
            if len(self.stencils) >= MOST_KEPT:
                self.stencils.clear()
            # A mark and a number stand in the place of every text that is not empty.
            places = [SafeString(f"{MARK}{n}{MARK}") if text else text for n, text in enumerate(row)]
            body = self.body.render(context.new({**values, self.name: type(row)._make(places)}))
            self.stencils[kind] = Stencil(body)
        return self.stencils[kind]


def _frozen(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else value


class Stencil:
    """A body cut at its marks."""

    def __init__(self, body: str) -> None:
        literals, places = (body.split(MARK)[part::2] for part in (0, 1))
        self._form = "%s".join(BREAK.sub("\n", literal).replace("%", "%%") for literal in literals)
        self._places = [int(place) for place in places]

    def fill(self, row: Any) -> str:
        return self._form % tuple([escaped(row[place]) for place in self._places])
