"""The addresses the project really has, read from the resolver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    view: Callable[..., Any]

    @property
    def owner(self) -> str:
        """ours, allauth or admin."""
        if self.path.startswith("admin/"):
            return "admin"
        mine = self.name.startswith("people:")  # One address among allauth's is closed by us.
        return "allauth" if self.path.startswith("conta/") and not mine else "ours"


def addresses() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], path: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        here = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            name = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, name)
        else:
            yield Address(f"{namespace}{pattern.name}" if pattern.name else "", here, pattern.callback)
