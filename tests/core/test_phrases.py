"""Texts kept per language."""

import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from core.phrases import gettext, keep_lookups, kept_per_language


@pytest.fixture
def _two_languages(settings: Settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("en", "English")]


@pytest.mark.usefixtures("_two_languages")
def test_a_text_is_made_once_for_each_language() -> None:
    made = []

    @kept_per_language
    def count(number: int) -> str:
        made.append((translation.get_language(), number))
        return f"{number} dias"

    assert [count(2), count(2), count(3)] == ["2 dias", "2 dias", "3 dias"]
    with translation.override("en"):
        assert count(2) == "2 dias"
    assert made == [("pt-br", 2), ("pt-br", 3), ("en", 2)]


@pytest.mark.usefixtures("_two_languages")
def test_gettext_follows_the_language() -> None:
    assert gettext("Monday") == "Segunda-feira"
    with translation.override("en"):
        assert gettext("Monday") == "Monday"


def test_with_one_language_nobody_asks_which() -> None:
    made = []

    @kept_per_language
    def count(number: int) -> str:
        made.append(number)
        return f"{number} dias"

    with translation.override("en"):
        count(2)
    assert [count(2), made] == ["2 dias", [2]]


def test_kept_lookups_say_what_the_catalogues_say() -> None:
    for _again in range(2):
        keep_lookups("pt-br")
        assert [translation.gettext("Monday"), translation.gettext("Sem etiqueta")] == ["Segunda-feira", "Sem etiqueta"]
        with translation.override("en"):
            assert translation.gettext("Monday") == "Monday"
    assert translation.ngettext("%(n)s dia", "%(n)s dias", 2) == "%(n)s dias"
