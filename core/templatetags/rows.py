"""`{% each row in rows %}…{% endeach %}`: a loop over rows of plain texts.

Django's language takes a tenth of a millisecond for each row. Here it writes the body once for each kind of row, with
places where the texts go; every row of that kind is then one formatting. A kind is which texts are empty, so the body
may ask `{% if row.tel %}`, but may neither filter nor compare a text of the row, nor speak of the loop.
"""

import re
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from core.markup import escaped

register = template.Library()

# No text of ours holds it, and nothing escapes it.
MARK = "\0"
# A break with its indentation between two pieces of the body.
BREAK = re.compile(r"\s*\n\s*")


@register.tag
def each(parser: Parser, token: Token) -> "Each":
    _each, name, _in, rows = token.split_contents()
    body = parser.parse(("endeach",))
    parser.delete_first_token()
    return Each(name, parser.compile_filter(rows), body)


class Each(template.Node):
    child_nodelists = ("body",)

    def __init__(self, name: str, rows: FilterExpression, body: NodeList) -> None:
        self.name, self.rows, self.body = name, rows, body

    def render(self, context: Context) -> SafeString:
        kept: Any = context.render_context
        written: dict[tuple[bool, ...], Stencil] = kept.setdefault(self, {})
        lines = []
        for row in self.rows.resolve(context):
            kind = tuple(map(bool, row))
            stencil = written.get(kind)
            if stencil is None:
                stencil = written[kind] = Stencil(self._body_for(row, context))
            lines.append(stencil.fill(row))
        # Literals were written by the template, texts are escaped as they are put in.
        return SafeString("".join(lines))

    def _body_for(self, row: Any, context: Context) -> str:
        """The body with a mark and a number in the place of every text that is not empty."""
        places = [SafeString(f"{MARK}{n}{MARK}") if text else text for n, text in enumerate(row)]
        with context.push(**{self.name: type(row)._make(places)}):
            return self.body.render(context)


class Stencil:
    """A body cut at its marks."""

    def __init__(self, body: str) -> None:
        literals, places = (body.split(MARK)[part::2] for part in (0, 1))
        self._form = "%s".join(BREAK.sub("\n", literal).replace("%", "%%") for literal in literals)
        self._places = [int(place) for place in places]

    def fill(self, row: Any) -> str:
        return self._form % tuple([escaped(row[place]) for place in self._places])
