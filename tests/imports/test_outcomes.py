import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.cleaning import CleanedClient, ClientValues
from imports.decoding import Record, open_table
from imports.headings import find_header, guess, mapping_of
from imports.outcomes import REPORT_COLUMNS, ClientOutcomes, FirstLines, RowOutcome, fingerprint, report_row

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 21)
HEADER = ("codigo", "nome", "documento", "telefone")
MAPPING = dict(enumerate(HEADER))
CPF, OTHER_CPF = "68657271001", "30365901539"


def sample_outcomes() -> list[RowOutcome]:
    table = open_table(DATA / "messy_clients_sample.csv", find_header=lambda rows: find_header("clients", rows))
    mapping = mapping_of(guess("clients", table.header.cells))
    outcomes = ClientOutcomes(header=table.header.cells, mapping=mapping, today=TODAY)
    return [outcomes.judge(record) for record in table.records()]


def judged(*rows: Iterable[str], header: tuple[str, ...] = HEADER) -> list[RowOutcome]:
    outcomes = ClientOutcomes(header=header, mapping=MAPPING, today=TODAY)
    return [outcomes.judge(Record(line, tuple(row))) for line, row in enumerate(rows, start=2)]


def test_the_sample_gives_exactly_the_expected_rows() -> None:
    with (DATA / "messy_clients_sample.expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))
    assert [list(REPORT_COLUMNS), *map(report_row, sample_outcomes())] == expected


def test_the_sample_gives_the_totals_of_the_summary() -> None:
    summary = json.loads((DATA / "messy_clients_sample.summary.json").read_text(encoding="utf-8"))
    outcomes = sample_outcomes()
    created = [outcome.values for outcome in outcomes if outcome.creates_client and outcome.values]
    documents = [values.document for values in created if values.person_type == "PJ"]
    repaired = [outcome for outcome in outcomes if outcome.outcome == "repaired"]
    assert Counter(outcome.outcome for outcome in outcomes) == summary["outcomes"]
    for name in ("ignored", "rejected"):
        reasons = Counter(outcome.reason for outcome in outcomes if outcome.outcome == name)
        assert reasons == summary[f"{name}_reasons"]
    assert (
        Counter(action for outcome in repaired for action in outcome.actions)
        == summary["repair_actions_on_repaired_rows"]
    )
    assert {
        "possible_duplicates_for_review": sum(bool(outcome.possible_duplicate_of) for outcome in outcomes),
        "clients_created": len(created),
        "clients_pf": sum(values.person_type == "PF" for values in created),
        "clients_pj": len(documents),
        "clients_without_document": sum(not values.document for values in created),
        "pj_alphanumeric": sum(not document.isdecimal() for document in documents),
        "clients_whatsapp_able": sum(any(phone.is_whatsapp_able for phone in values.phones) for values in created),
    }.items() <= summary.items()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((), "blank_row"),
        (("", " ", "-"), "blank_row"),
        (HEADER, "repeated_header"),
        ((" codigo", "nome ", "documento", "telefone", ""), "repeated_header"),
        (("Total: 3",), "footer"),
        (("", "SUBTOTAL", "", "12"), "footer"),
        (("12", "Página 1 de 3"), "footer"),
        (("Relatório gerado",), "footer"),
        (("", "Fim do arquivo"), "footer"),
    ],
)
def test_rows_that_are_no_records_are_ignored(row: tuple[str, ...], reason: str) -> None:
    [outcome] = judged(row)
    assert (outcome.outcome, outcome.reason, outcome.values) == ("ignored", reason, None)


def test_a_client_called_total_with_three_cells_is_no_footer() -> None:
    [outcome] = judged(("", "Total Serviços", "44013662000171", "11 98765-4321"))
    assert outcome.outcome == "valid"


def test_a_filled_cell_beyond_the_header_is_rejected_before_anything_else() -> None:
    outcomes = judged(
        ("", "", "x", "", "sobra"),
        ("", "Ana Souza", CPF, "", "", " - "),
        ("", "Rui Lima", OTHER_CPF),
    )
    assert [outcome.reason for outcome in outcomes] == ["column_count", "", ""]
    assert [outcome.outcome for outcome in outcomes] == ["rejected", "valid", "valid"]


def test_empty_headings_at_the_end_are_no_columns() -> None:
    [outcome] = judged(("", "Ana Souza", CPF, "", "sobra"), header=(*HEADER, "", ""))
    assert outcome.reason == "column_count"


def test_column_count_keeps_the_mark_of_a_repaired_line() -> None:
    outcomes = ClientOutcomes(header=HEADER, mapping=MAPPING, today=TODAY)
    outcome = outcomes.judge(Record(2, ("", "João", "", "", "sobra"), mojibake=True))
    assert report_row(outcome) == ["2", "rejected", "column_count", "mojibake_fixed", *[""] * 12]


def test_only_an_accepted_record_makes_a_duplicate() -> None:
    outcomes = judged(
        ("", "TESTE", CPF, ""),
        ("", "Ana Souza", CPF, ""),
        ("", "Ana S.", "686.572.710-01", ""),
        ("", "Ana", CPF, ""),
    )
    assert [outcome.outcome for outcome in outcomes] == ["rejected", "valid", "duplicate", "duplicate"]
    assert [outcome.duplicate_of for outcome in outcomes] == [None, None, 3, 3]
    assert outcomes[2].reason == "same_document"


def test_a_code_identifies_what_has_no_document_match() -> None:
    outcomes = judged(("C1", "Ana Souza", CPF, ""), ("C1", "Ana Souza", "", "11 98765-4321"))
    assert (outcomes[1].outcome, outcomes[1].reason, outcomes[1].duplicate_of) == (
        "duplicate",
        "same_code",
        2,
    )


def test_the_base_is_asked_by_document_then_by_code() -> None:
    outcomes = ClientOutcomes(
        header=HEADER,
        mapping=MAPPING,
        today=TODAY,
        existing_document={CPF: 41}.get,
        existing_code={"C1": 42}.get,
        existing_lookalike=lambda values: 43 if values.name == "Rui Lima" else None,
    )
    rows = [("C1", "Ana Souza", CPF), ("C1", "Ana Souza", OTHER_CPF), ("C2", "Rui Lima", OTHER_CPF)]
    first, second, third = (outcomes.judge(Record(line, row)) for line, row in enumerate(rows, start=2))
    assert (first.reason, first.existing_client, first.duplicate_of) == ("same_document", 41, None)
    assert (second.reason, second.existing_client) == ("same_code", 42)
    assert (third.outcome, third.existing_client, third.existing_lookalike) == ("valid", None, 43)


def test_lookalikes_share_a_phone_and_a_name_and_not_two_documents() -> None:
    phone = "11 98765-4321"
    outcomes = judged(
        ("", "José da Silva", CPF, phone),
        ("", "JOSE SILVA", OTHER_CPF, phone),
        ("", "Jose Silva", "", f"{phone} / 11 3265-4321"),
        ("", "Maria Silva", "", phone),
        ("", "José Silva", "44013662000171", "11 3265-4321"),
        ("", "Jose Silva", "", "11 97654-3210"),
    )
    assert [outcome.possible_duplicate_of for outcome in outcomes] == [None, None, 2, None, 4, None]


def test_clean_and_decide_apart_are_the_same_as_judge() -> None:
    rows = [Record(2, ("", "Ana Souza", CPF)), Record(3, ("", "Ana", CPF)), Record(4, ())]
    outcomes = ClientOutcomes(header=HEADER, mapping=MAPPING, today=TODAY)
    cleaned = [outcomes.clean(row) for row in rows]
    assert isinstance(cleaned[0], CleanedClient)
    apart = [outcomes.decide(row.line, made) for row, made in zip(rows, cleaned, strict=True)]
    assert apart == judged(*(row.cells for row in rows))


def test_remember_lets_an_interrupted_run_go_on() -> None:
    rows = [
        ("C1", "Ana Souza", CPF, "11 98765-4321"),
        ("", "Ana Souza", CPF, ""),
        ("C1", "Rui Lima", OTHER_CPF, ""),
    ]
    whole = judged(*rows)
    resumed = ClientOutcomes(header=HEADER, mapping=MAPPING, today=TODAY)
    assert whole[0].values
    resumed.remember(2, whole[0].values)
    assert [resumed.judge(Record(line, rows[line - 2])) for line in (3, 4)] == whole[1:]


def test_report_row_of_a_created_client() -> None:
    [outcome] = judged(("C1", "ana souza", "7974101806", "11 3265-4321 / 11 98765-4321"))
    assert report_row(outcome) == [
        "2", "repaired", "", "document_zero_padded|phone_split", "07974101806", "PF", "Ana Souza",
        "+5511987654321", "+551132654321", "", "", "", "", "", "", "",
    ]  # fmt: skip


def test_report_row_of_values_without_phone() -> None:
    outcome = RowOutcome(9, "duplicate", "same_document", values=ClientValues(name="Ana"), duplicate_of=3)
    row = dict(zip(REPORT_COLUMNS, report_row(outcome), strict=True))
    assert (row["name"], row["phone1"], row["phone2"], row["duplicate_of"]) == ("Ana", "", "", "3")
    assert report_row(replace(outcome, duplicate_of=None))[-2:] == ["", ""]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 10**6)), max_size=200))
def test_first_lines_remembers_like_a_dict(pairs: list[tuple[str, int]]) -> None:
    lines, reference = FirstLines(slots=4), dict[str, int]()
    for key, line in pairs:
        lines.add(key, line)
        reference.setdefault(key, line)
    assert {key: lines.get(key) for key in reference} == reference
    assert lines.get("never seen") is None


def test_fingerprint_is_never_the_mark_of_a_free_slot() -> None:
    assert hash("") == 0
    assert fingerprint("") == 1
