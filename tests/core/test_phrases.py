"""Texts kept per language."""

from django.utils import translation

from core.phrases import gettext, kept_per_language


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


def test_gettext_follows_the_language() -> None:
    assert gettext("Monday") == "Segunda-feira"
    with translation.override("en"):
        assert gettext("Monday") == "Monday"
