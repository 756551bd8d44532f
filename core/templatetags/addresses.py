"""`{% url %}` of Django, with the addresses that pages write by the dozen resolved once."""

from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.urls import NoReverseMatch

from core.addresses import address

register = template.Library()


class Link(defaulttags.URLNode):
    """Anything but a name with one id at most is left to Django."""

    def render(self, context: Context) -> str:
        ids: list[Any] = [arg.resolve(context) for arg in self.args]
        if self.kwargs or len(ids) > 1 or any(type(pk) is not int for pk in ids):
            return str(super().render(context))
        try:
            url = address(self.view_name.resolve(context), *ids)
        except NoReverseMatch:
            return str(super().render(context))
        if self.asvar is None:
            return url
        context[self.asvar] = url
        return ""


@register.tag
def url(parser: Parser, token: Token) -> Link:
    node = defaulttags.url(parser, token)
    return Link(node.view_name, node.args, node.kwargs, node.asvar)
