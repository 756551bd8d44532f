"""`i18n` of Django, with the constant texts of `{% translate %}` looked up once per process and language.

A builtin of every template: `{% load i18n %}` would bring Django's own back.
"""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.safestring import SafeString

from core.phrases import gettext

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Phrase(template.Node):
    """A text that the template itself wrote: it is safe."""

    child_nodelists = ()

    def __init__(self, text: str, asvar: str | None) -> None:
        self.text, self.asvar = text.replace("%", "%%"), asvar

    def render(self, context: Context) -> str:
        said = SafeString(gettext(self.text).replace("%%", "%"))
        if self.asvar is None:
            return said
        context[self.asvar] = said
        return ""


@register.tag("trans")
@register.tag("translate")
def translate(parser: Parser, token: Token) -> template.Node:
    node = i18n.do_translate(parser, token)
    text = node.filter_expression
    if node.noop or node.message_context or text.filters or not isinstance(text.var.literal, str):
        return node
    return Phrase(text.var.literal, node.asvar)
