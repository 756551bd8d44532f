"""The plain widgets of forms, written without a template each: a select of 30 products would render 61 of them.

What stands in them is escaped here, value by value."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting

from core.markup import escaped

_FOLDER = "django/forms/widgets/"
_INPUTS = ("text", "number", "email", "url", "tel", "search", "password", "hidden", "date", "checkbox")


class PlainWidgets(TemplatesSetting):
    """Django's templates of these widgets say the same; every other one is rendered by its template."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        write = WRITTEN.get(template_name)
        return write(context["widget"]) if write else super().render(template_name, context, request)


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escaped(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escaped(widget["name"])}"{value}{_attributes(widget["attrs"])}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    said = escaped(widget["value"] or "")
    return f'<textarea name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>\n{said}</textarea>'


def _select(widget: Mapping[str, Any]) -> str:
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>{groups}</select>'


def _group(name: Any, options: list[Mapping[str, Any]]) -> str:
    written = "".join(
        f'<option value="{escaped(option["value"])}"{_attributes(option["attrs"])}>{escaped(option["label"])}</option>'
        for option in options
    )
    return f'<optgroup label="{escaped(name)}">{written}</optgroup>' if name else written


WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    **{f"{_FOLDER}{kind}.html": _input for kind in _INPUTS},
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}select.html": _select,
}
