"""The plain widgets of forms, written without a template each: a select of 30 products would render 61 of them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_FOLDER = "django/forms/widgets/"
_INPUTS = ("text", "number", "email", "url", "tel", "search", "password", "hidden", "date", "checkbox")


class PlainWidgets(TemplatesSetting):
    """Django's templates of these widgets say the same; every other one is rendered by its template."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        write = WRITTEN.get(template_name)
        return write(context["widget"]) if write else super().render(template_name, context, request)


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    values = ((name, value) for name, value in attrs.items() if value is not False)
    return format_html_join(
        "", "{}", ((format_html(" {}" if value is True else ' {}="{}"', name, value),) for name, value in values)
    )


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    form = '<input type="{}" name="{}"{}{}>'
    return format_html(form, widget["type"], widget["name"], value, _attributes(widget["attrs"]))


def _textarea(widget: Mapping[str, Any]) -> SafeString:
    form = '<textarea name="{}"{}>\n{}</textarea>'
    return format_html(form, widget["name"], _attributes(widget["attrs"]), widget["value"] or "")


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = format_html_join("", "{}", ((_group(name, options),) for name, options, _index in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}</select>', widget["name"], _attributes(widget["attrs"]), groups)


def _group(name: Any, options: list[Mapping[str, Any]]) -> SafeString:
    written = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((option["value"], _attributes(option["attrs"]), option["label"]) for option in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, written) if name else written


WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], SafeString]] = {
    **{f"{_FOLDER}{kind}.html": _input for kind in _INPUTS},
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}select.html": _select,
}
