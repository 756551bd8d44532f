"""Texts that a page says dozens of times, made once per language and process.

Only for what says nothing of a person: the values stay in memory as long as the process.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, trans_real
from django.utils.translation import gettext as translated

MOST_KEPT = 4096


def kept_per_language[**P, R](make: Callable[P, R]) -> Callable[P, R]:
    """Keeps what `make` returns for the same arguments and the language of the moment."""

    def fresh(_language: str | None, *args: P.args, **kwargs: P.kwargs) -> R:
        return make(*args, **kwargs)

    made: Callable[..., R] = lru_cache(maxsize=MOST_KEPT)(fresh)

    @wraps(make)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        # Where there is but one, asking for it would cost more than what is kept.
        language = get_language() if len(settings.LANGUAGES) > 1 else None
        return made(language, *args, **kwargs)

    return told


# A text without a catalogue walks through every fallback of gettext: this one does so once.
gettext = kept_per_language(translated)


def keep_lookups(language: str) -> None:
    """Remembers what the catalogues of a language say: our own texts are in none of them, and each look-up would walk
    through all. What other languages say, and plurals, are looked up as ever."""
    catalogue: Any = trans_real.translation(language)
    if not hasattr(catalogue.gettext, "cache_info"):
        catalogue.gettext = lru_cache(maxsize=MOST_KEPT)(catalogue.gettext)
