"""Themes of comments. Pure tests: no database."""

import random

import pytest

from nps.themes import MOST, Comment, Theme, speaking_of, themes_of


def comments(*texts: str | tuple[str, int]) -> list[Comment]:
    """Of promoters, unless a score is given."""
    pairs = [(text, 9) if isinstance(text, str) else text for text in texts]
    return [Comment(number, text, score) for number, (text, score) in enumerate(pairs, start=1)]


def test_themes_are_words_of_three_answers_with_their_detractors() -> None:
    found = themes_of(comments(("Demora.", 2), ("muita DEMORA", 6), ("a demora", 7), "Preço bom", "preço"))

    assert found == [Theme("demora", "demora", 3, 2)]


@pytest.mark.parametrize(("score", "expected"), [(6, True), (7, False)])
def test_a_theme_of_detractors_is_a_complaint(score: int, expected: bool) -> None:
    (theme,) = themes_of(comments(("fila", score), ("fila", score), ("fila", 10)))

    assert theme.is_complaint is expected


def test_a_word_counts_once_per_answer() -> None:
    assert themes_of(comments("fila, fila, fila", "outra coisa", "fila")) == []


def test_neighbours_are_a_theme_written_as_most_write_it() -> None:
    found = themes_of(comments("Demora na entrega", "demora na  Entrega", "A demora de entregas", "demora"))

    assert found == [Theme("demora", "demora", 4, 0), Theme("demora entrega", "demora na entrega", 3, 0)]


def test_a_word_that_comes_only_within_a_pair_is_not_told_again() -> None:
    found = themes_of(comments("pós venda", "Pós-venda!", "o pós venda"))

    assert [theme.words for theme in found] == ["pós venda"]


def test_a_pair_does_not_cross_sentences() -> None:
    found = themes_of(comments(*["Gostei do preço. Entrega rápida"] * 3))

    assert [theme.key for theme in found] == ["entrega rapida", "gostei preco"]


def test_accents_case_and_plural_are_one_theme() -> None:
    found = themes_of(comments("Preço", "PRECOS", "preços altos"))

    assert found == [Theme("preco", "precos", 3, 0)]


@pytest.mark.parametrize("text", ["", "   ", "a o e", "não foi muito", "10 de 10", "ok"])
def test_what_says_nothing_is_no_theme(text: str) -> None:
    assert themes_of(comments(text, text, text)) == []


def test_the_same_comments_give_the_same_themes_in_any_order() -> None:
    written = comments(*(f"{word} {number % 7}" for number, word in enumerate(["fila", "prazo", "preço", "Fila"] * 5)))
    shuffled = random.Random(1).sample(written, len(written))

    assert themes_of(written) == themes_of(shuffled)
    assert [theme.key for theme in themes_of(written)] == ["fila", "prazo", "preco"]


def test_only_the_commonest_are_told() -> None:
    words = [f"{one}{two}ca" for one in "bcdfg" for two in "aeiou"]
    written = comments(*(". ".join(words) for _ in range(3)))

    assert len(themes_of(written)) == MOST
    assert len(themes_of(written, most=2)) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("demora", [1, 2, 3]),
        ("Demoras", [1, 2, 3]),
        ("demora na entrega", [1, 2]),
        ("demora entrega prazo", []),
        ("entrega prazo", []),
        ("entrega demora", []),
        ("de", []),
        ("", []),
    ],
)
def test_comments_are_found_by_their_theme(words: str, found: list[int]) -> None:
    written = comments("Demora na entrega", "demora da entrega, prazo", "Que demora. Entrega", "preço")

    assert speaking_of(written, words) == found


def test_a_theme_finds_as_many_comments_as_it_counts() -> None:
    written = comments("Demora na entrega", "a entrega demora", "demora, entrega", "demora na entrega", "entrega")

    for theme in themes_of(written):
        assert len(speaking_of(written, theme.words)) == len(speaking_of(written, theme.key)) == theme.answers
