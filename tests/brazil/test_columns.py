"""The parts of the rules for columns that polars calls back on threads of its own: called here directly."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brazil.columns import EmailColumns, are_issued
from brazil.documents import is_valid_cnpj, is_valid_cpf

ISSUED = ["52998224725", "11144477735", "11222333000181", "12ABC34501DE35"]
WRONG = ["52998224724", "11111111111", "11222333000180", "00000000000000", "123", "", "5299822472A"]


def test_documents_with_right_check_digits_are_issued() -> None:
    assert are_issued(pl.Series([*ISSUED, *WRONG])).to_list() == [True] * len(ISSUED) + [False] * len(WRONG)
    assert are_issued(pl.Series(["x", "1"])).to_list() == [False, False]


@given(st.lists(st.from_regex(r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}", fullmatch=True), min_size=1, max_size=30))
def test_a_column_of_documents_is_judged_as_one_by_one(documents: list[str]) -> None:
    expected = [is_valid_cpf(text) if len(text) == 11 else is_valid_cnpj(text) for text in documents]
    assert are_issued(pl.Series(documents)).to_list() == expected


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        (["gmail.com", None, "empresa.com.br"], [True, None, True]),
        (["gmial.com", "gmail.con", "-x.com"], [False, False, False]),
    ],
)
def test_domains_that_are_probably_slips_are_not_good(domains: list[str | None], expected: list[bool | None]) -> None:
    emails = EmailColumns()
    assert emails.are_good(pl.Series(domains, dtype=pl.String)).to_list() == expected
    assert emails.are_good(pl.Series(domains, dtype=pl.String)).to_list() == expected


def test_domains_beyond_the_limit_are_left_to_the_slow_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brazil.columns.MOST_DOMAINS", 1)
    assert EmailColumns().are_good(pl.Series(["gmail.com", "uol.com.br"])).to_list().count(True) == 1
