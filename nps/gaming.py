"""Answers that should be looked at (DOMAIN 4, anti-gaming)."""

from dataclasses import dataclass

from django.http import HttpRequest

from nps.models import Answer, Flag


@dataclass(frozen=True)
class Origin:
    """Where an answer came from: keyed hashes of the network address and the browser."""

    network: str = ""
    device: str = ""
    is_company: bool = False


def origin_of(_request: HttpRequest) -> Origin:
    return Origin()


def flags_of(_answer: Answer, _origin: Origin | None) -> list[Flag]:
    return []
