"""The régua of twelve weeks, by hand-counted weeks."""

import datetime

import pytest

from portfolio import contact_rule
from portfolio.contact_rule import DONE, MISSED, NONE, NOW

# A Monday: the last week is 17 to 23 November, the first one 1 to 7 September.
TODAY = datetime.date(2026, 11, 23)


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


@pytest.mark.parametrize(
    ("contacted", "interval", "is_due", "expected"),
    [
        ([], 0, False, {}),
        ([], 30, True, {11: NOW}),
        # Today and six days ago are one week; seven days ago is the week before.
        ([0, 6, 7], 0, False, {11: DONE, 10: DONE}),
        # Contacted 70 days ago every 30 days: missed 40 and 10 days ago.
        ([70], 30, False, {1: DONE, 6: MISSED, 10: MISSED}),
        # Kept in time: the next one was not due before.
        ([50, 25], 30, False, {4: DONE, 8: DONE}),
        # Before the twelve weeks it shows only what followed.
        ([100], 60, True, {6: MISSED, 11: NOW}),
        # Contacted today: nothing is due any more.
        ([0], 30, True, {11: DONE}),
    ],
)
def test_marks(contacted: list[int], interval: int, is_due: bool, expected: dict[int, str]) -> None:
    days = [ago(days) for days in contacted]
    found = contact_rule.marks(days, on=TODAY, interval=interval, is_due=is_due)
    assert found == [expected.get(week, NONE) for week in range(12)]


def test_a_contact_of_the_future_is_no_mark() -> None:
    assert contact_rule.marks([ago(-3)], on=TODAY, interval=30, is_due=False) == [NONE] * 12


@pytest.mark.parametrize(
    ("contacted", "interval", "text"),
    [
        ([], 0, "nenhum contato ainda"),
        ([], 30, "nenhum contato ainda, plano de 30 dias"),
        ([0], 1, "último contato hoje, plano de 1 dia"),
        ([1], 15, "último contato há 1 dia, plano de 15 dias"),
        ([40, 4], 0, "último contato há 4 dias"),
    ],
)
def test_rule_says_the_last_contact_and_the_plan(contacted: list[int], interval: int, text: str) -> None:
    rule = contact_rule.rule([ago(days) for days in contacted], on=TODAY, interval=interval)
    assert rule.text == text


def test_rule_draws_what_it_says() -> None:
    drawing = contact_rule.rule([ago(70)], on=TODAY, interval=30, is_due=True).drawing
    assert 'aria-label="Doze semanas: 1 semana com contato, 2 perdidas, o próximo é agora"' in drawing
    assert [drawing.count(f'class="{name}"') for name in (DONE, MISSED, NOW)] == [1, 2, 1]
    assert drawing.count("<rect") == 12
