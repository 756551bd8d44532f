"""Pages by number and by keyset over rows with equal keys."""

import pytest
from django.db.models import Value
from django.db.models.functions import Concat, Length

from core import paging
from core.paging import CappedCount, Edge, Order, page_of, read_edge
from people.models import Team, User

pytestmark = pytest.mark.django_db
BY_NAME = Order("nome", "name")


@pytest.fixture
def teams() -> list[int]:
    return [Team.objects.create(name=f"Equipe {number % 3} {'x' * number}").pk for number in range(23)]


def page(where: str = "", *, order: Order = BY_NAME, size: int = 5) -> paging.Page:
    found = Team.objects.all()
    return page_of(found, everything=found, order=order, total=found.count(), where=where, size=size)


def test_page_of_numbers_a_small_list(teams: list[int]) -> None:
    names = list(Team.objects.order_by("name", "pk").values_list("pk", flat=True))
    assert page().ids == names[:5]
    third = page("3")
    assert (third.ids, third.first, third.last, third.number) == (names[10:15], 11, 15, 3)
    assert (third.previous, third.next, list(third.numbers or [])) == ("2", "4", [1, 2, 3, 4, 5])
    assert page("99").ids == page("5").ids == names[20:]
    for odd in ("0", "-1", "x", "１", "1_0", "1" * 9):
        assert page(odd).ids == names[:5]


def test_page_of_nothing_has_no_position() -> None:
    empty = page()
    assert (empty.ids, empty.first, empty.last, empty.previous, empty.next) == ([], None, None, "", "")


@pytest.mark.parametrize(
    "order",
    [BY_NAME, BY_NAME.reversed(), Order("tamanho", Length("name") * 0), Order("t", Length("name"), True)],
)
def test_page_of_goes_forth_and_back_by_keyset(teams: list[int], order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "NUMBERED_ROWS", 0)
    pages = [page(order=order)]
    while pages[-1].next:
        pages.append(page(pages[-1].next, order=order))
    forth = [found.ids for found in pages]
    assert sorted(pk for ids in forth for pk in ids) == sorted(teams)
    assert (pages[0].first, pages[1].first, pages[0].numbers) == (1, None, None)
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page(back[-1].previous, order=order))
    assert [found.ids for found in reversed(back)] == forth


@pytest.mark.parametrize("walked", [1, 6, 100])
def test_page_of_rows_far_away_is_the_same_page(teams: list[int], monkeypatch: pytest.MonkeyPatch, walked: int) -> None:
    """However few are walked before the filter is asked first."""
    monkeypatch.setattr(paging, "NUMBERED_ROWS", 0)
    monkeypatch.setattr(paging, "WALKED", walked)
    everything = Team.objects.all()
    far = everything.filter(name__startswith="Equipe 2")
    names = list(far.order_by("name", "pk").values_list("pk", flat=True))

    def turn(where: str) -> paging.Page:
        other = Order("nome", Concat("name", Value("")))
        return page_of(far, everything=everything, order=BY_NAME, total=7, where=where, size=3, else_by=other)

    first = turn("")
    second = turn(first.next)
    assert [first.ids, second.ids, turn(second.next).ids, turn(second.previous).ids] == [
        names[:3],
        names[3:6],
        names[6:],
        names[:3],
    ]


def test_page_of_forgets_an_edge_that_is_gone_or_foreign(teams: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "NUMBERED_ROWS", 0)
    first = page()
    assert page("forjado").ids == first.ids
    assert page(Edge(teams[0]).token(BY_NAME.reversed())).ids == first.ids
    assert page(Edge(0).token(BY_NAME)).ids == first.ids
    assert page(Edge(first.ids[2], back=True).token(BY_NAME)).ids == first.ids


def test_edge_token_holds_no_contents(teams: list[int]) -> None:
    token = Edge(7, back=True).token(BY_NAME)
    assert "Equipe" not in token
    assert read_edge(token, BY_NAME) == Edge(7, back=True)


def test_capped_count_stops_counting(teams: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_user(email="a@exemplo.com.br", name="Ana")

    def counted() -> int:
        count: int = User.objects.annotate(teams=CappedCount(Team.objects.all())).values_list("teams", flat=True)[0]
        return count

    assert counted() == 23
    monkeypatch.setattr(paging, "COUNT_CAP", 9)
    assert counted() == 10


def test_page_knows_when_the_count_is_capped(teams: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert not page().is_capped
    monkeypatch.setattr(paging, "COUNT_CAP", 9)
    assert page().is_capped
