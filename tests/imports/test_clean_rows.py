"""Rows cleaned by column have the values that they have cleaned one by one, or are left to be cleaned so."""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.blocks import RecordBlock, TextBlock, text_blocks
from imports.clean_rows import CleanRows
from imports.cleaning import CleanedClient
from imports.client_values import dumped, shortened
from imports.decoding import Record, open_table
from imports.headings import find_header, guess, mapping_of
from imports.outcomes import ClientOutcomes

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 21)
HEADER = (
    "codigo", "nome", "cpf", "cnpj", "ddd", "telefone", "celular", "email", "email2", "nascimento", "cep", "cidade",
    "uf", "valor", "produto", "vendedor", "segmento", "origem", "outra",
)  # fmt: skip
FIELDS = (
    "codigo", "nome", "documento", "documento", "ddd", "telefone", "telefone", "email", "email", "nascimento", "cep",
    "cidade", "uf", "valor", "produto", "vendedor", "segmento", "origem", "",
)  # fmt: skip
MAPPING = {column: field for column, field in enumerate(FIELDS) if field}
CLEAN = ("C1", "Ana Souza", "529.982.247-25", *[""] * 16)


def compared(records: Sequence[Record], *, header: Sequence[str] = HEADER, mapping=MAPPING, ddd: str = "") -> int:
    """Asserts that every clean row has the values of the slow way; says how many were clean."""
    outcomes = ClientOutcomes(header=header, mapping=mapping, today=TODAY, default_ddd=ddd)
    lines, others = CleanRows(header, mapping, today=TODAY, default_ddd=ddd).split(RecordBlock(1, records))
    found = {}
    for line in lines.decode().splitlines():
        position, number, document, code, phones, raw, values = line.split("\t")
        record = records[int(position) - 1]
        cleaned = outcomes.clean(record)
        assert isinstance(cleaned, CleanedClient)
        assert (cleaned.reason, cleaned.actions, cleaned.warnings) == ("", (), ())
        assert not shortened(cleaned.values)
        assert json.loads(values) == dumped(cleaned.values)
        assert json.loads(raw) == list(record.cells)
        assert int(number) == record.line
        assert (document, code) == (cleaned.values.document, cleaned.values.code)
        assert phones == "{" + ",".join(phone.e164 for phone in cleaned.values.phones) + "}"
        found[int(position) - 1] = values
    assert sorted([*found, *others]) == list(range(len(records)))
    return len(found)


def records_of(rows: Iterable[Sequence[str]]) -> list[Record]:
    return [Record(line, tuple(row)) for line, row in enumerate(rows, start=2)]


def row(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, clean) for name, clean in zip(HEADER, CLEAN, strict=True))


def cases(name: str, column: str) -> list[str]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [case[column] for case in csv.DictReader(file)]


# --- Cells: good ones, everything from the case files, and what people and Hypothesis make of them ------

DOCUMENTS = ["", "52998224725", "529.982.247-25", "11.222.333/0001-81", "12ABC34501DE35", "12.abc.345/01de-35",
         "111.111.111-11",
             "00000000000000", "529 982 247 25", "52998224724", "5299822472", *cases("document_cases.csv",
         "input")]  # fmt: skip
PHONES = ["", "11987654321", "(11) 98765-4321", "+55 11 98765-4321", "5511987654321", "11 3265-4321", "1187654321",
          "5533224455", "(55) 99731-0701", "98765-4321", "3265 4321", "11999999999", "1122222222", "0800 123 4567",
          "4004-1234", "40041234", "+1 202 555 0143", "11 98765-4321 / 11 3265-4321", "20987654321", "11 0265-4321",
          "+5511 987654321", "55 3226-1122", "555532261122", "-", "11 98765-4321 ramal 5", *cases("phone_cases.csv",
         "input")]  # fmt: skip
NAMES = ["Ana Souza", "ANA DE SOUZA E SILVA", "ana dos santos iii", "JOÃO II", "II Exemplo", "D'Ávila", "ANA D'ÁVILA",
         "ana-maria", "Teste", "TESTE TESTE", "x", "xxXX", "Consumidor  Final", "consumidor final.", "A", "Ab", "ªº",
         "Acme & Cia Ltda.", "ACME S/A", "Total Geral", "total", "Página 1", "Ana\u00a0Souza", "JosÃ©", "Ñandú",
         "STRAßE", "Øyvind", "Ana\tSouza", 'Ana "Nina"', "Ana\\Bia", "'Ana", "=Ana", "  Ana", "Ana  Souza", "Ａna",
         "cliente", "NÃO INFORMADO", "de souza", "E SILVA", "DA DA DA", "Ana 2", "ANA 2", "É", "Éa",
         "y" * 210]  # fmt: skip
EMAILS = ["", "ana@exemplo.com.br", "ANA@Exemplo.COM.BR", "ana.souza@sub.exemplo.org", "ana@gmail.con", "ana@exemplo",
          "ana@@exemplo.com", "ana..b@exemplo.com", ".ana@exemplo.com", "ana@-x.com", "ana@exemplo.com.",
         "ana+b@exemplo.com",
          "<ana@exemplo.com>", "mailto:ana@exemplo.com", "a@b.co; c@d.co", "ana@exemplo.c0m", "a" * 65 + "@exemplo.com",
          "sem email", "ana@exemplo.test", "ana@localhost.localdomain", "ana@123.com"]  # fmt: skip
DATES = ["", "14/03/1980", "1980-03-14", "31/02/1980", "29/02/1900", "14/03/80", "14-03-1980", "14.03.1980", "1/3/1980",
         "21/11/2026", "22/11/2026", "01/01/1900", "02/01/1900", "21/11/1906", "20/11/1906", "01/01/1907", "29000",
         "1980-03-14 00:00:00", "00/00/0000", "0000-00-00", "1980/03/14"]  # fmt: skip
CEPS = ["", "01310-100", "01310100", "1310100", "00999-999", "50000-000", "78900-000", "50000 000", "50.000-000",
        "50000100.0", "abc"]  # fmt: skip
UFS = ["", "SP", "sp", "São Paulo", "PE", "pernambuco", "R.O.", "RO", "XX", "Amapa", "AMAPÁ"]
AMOUNTS = ["", "0", "0,00", "1.234,56", "1234,56", "1234.56", "1,234.56", "1.234", "1,234", "1234", "R$ 10,50",
         "R$10,5",
           "-5,00", "(5,00)", "5,", "00,50", "007", "1.234.567,89", "12.34,56", "999999999999,99", "R$",
         "10,505"]  # fmt: skip
TEXTS = ["", "Recife", "São José dos Campos", "C-1", "x" * 41, "y" * 81, "z" * 121, "0", "-", "N/A", "não tem", "a;b",
         "#N/D", "Ana\u200b", "{x}", "a,b", "$1"]  # fmt: skip
GOOD = {
    "codigo": ["C1", ""], "nome": ["Ana Souza", "ANA DE SOUZA"], "cpf": ["52998224725", ""], "cnpj": [""],
    "telefone": ["11987654321", ""], "celular": ["", "1132654321", "11987654321"], "email": ["ana@exemplo.com.br"],
}  # fmt: skip
POOLS = {
    "nome": NAMES, "cpf": DOCUMENTS, "cnpj": DOCUMENTS, "ddd": ["", "11", "011", "11.0", "20", "(11)"],
         "telefone": PHONES,
    "celular": PHONES, "email": EMAILS, "email2": EMAILS, "nascimento": DATES, "cep": CEPS, "uf": UFS, "valor": AMOUNTS,
}  # fmt: skip
SOME_TEXT = st.text(st.sampled_from("aAãÃçÇéÉ eE019./-_,;()+@$R'\"\\\t\u00a0\u200bßøªÀü&"), max_size=14)


def cells_of(name: str) -> st.SearchStrategy[str]:
    """Mostly good cells, so that the rest of a row may still be clean."""
    good = st.sampled_from(GOOD.get(name, [""]))
    return st.one_of(good, good, good, st.sampled_from(POOLS.get(name, TEXTS)), SOME_TEXT)


ROWS = st.tuples(*map(cells_of, HEADER))


@pytest.mark.no_cover
@settings(deadline=None, max_examples=40)
@given(st.lists(ROWS, min_size=1, max_size=40), st.sampled_from(["", "11"]))
def test_clean_rows_are_as_the_slow_way_has_them(rows: list[tuple[str, ...]], ddd: str) -> None:
    compared(records_of(rows), ddd=ddd)


@pytest.mark.parametrize("column", HEADER)
def test_every_known_cell_in_a_good_row_is_as_the_slow_way_has_it(column: str) -> None:
    pool = [*POOLS.get(column, TEXTS), *NAMES, *PHONES, *TEXTS]
    with_document = [row(**{column: cell}) for cell in pool]
    with_phone = [row(**{"cpf": "", "telefone": "11987654321", column: cell}) for cell in pool]
    with_mail = [row(**{"cpf": "", "email": "a@exemplo.com", "codigo": "", column: cell}) for cell in pool]

    assert compared(records_of([*with_document, *with_phone, *with_mail]), ddd="81") > 0


@pytest.mark.parametrize(
    "cells",
    [
        {"nome": "Ana Souza"},
        {"nome": "ANA DE SOUZA E SILVA III"},
        {"nome": "joão da silva"},
        {"cpf": "529.982.247-25"},
        {"cpf": "", "cnpj": "12.ABC.345/01DE-35", "nome": "ACME LTDA"},
        {"telefone": "(11) 98765-4321", "celular": "+55 11 3265-4321"},
        {"ddd": "11", "telefone": "98765-4321"},
        {"email": "Ana.Souza@Exemplo.com.br"},
        {"nascimento": "14/03/1980", "cep": "01310-100", "uf": "SP", "cidade": "São Paulo"},
        {"valor": "R$ 1.234,56", "produto": "Seguro", "uf": "pernambuco"},
    ],
)
def test_these_need_no_repair(cells: dict[str, str]) -> None:
    """The rules by column would be right and useless if they declined everything."""
    assert compared(records_of([row(**cells)])) == 1


def test_second_header_footers_and_cells_beyond_the_header_are_not_clean() -> None:
    header = ("nome", "documento", "telefone")
    mapping = dict(enumerate(header))
    rows = [
        header,
        ("Total Serviços", "52998224725", ""),
        ("Ana Souza", "52998224725", "11987654321"),
        ("Ana Souza", "52998224725"),
        ("Ana Souza", "52998224725", "", "x"),
    ]
    assert compared(records_of(rows), header=header, mapping=mapping) == 1
    longer = [("Ana Souza", "52998224725", "", ""), ("Bia Reis", "11144477735", "", "x")]
    assert compared(records_of(longer), header=header, mapping=mapping) == 1


def test_without_a_column_of_names_no_row_is_clean() -> None:
    assert compared(records_of([("52998224725",)]), header=("cpf",), mapping={0: "documento"}) == 0
    assert compared([Record(2, ())], header=HEADER) == 0


def test_repaired_accents_are_left_to_the_slow_way() -> None:
    assert compared([Record(2, CLEAN, mojibake=True), Record(3, CLEAN)]) == 1


def test_rows_of_the_messy_sample_are_as_the_slow_way_has_them() -> None:
    table = open_table(DATA / "messy_clients_sample.csv", find_header=lambda rows: find_header("clients", rows))
    mapping = mapping_of(guess("clients", table.header.cells))
    assert compared(list(table.records()), header=table.header.cells, mapping=mapping) > 30


# --- Blocks ------------------------------------------------------------------------------------------


def blocks_of(content: str, size: int = 2):
    table = open_table(content.encode(), find_header=lambda rows: 0)
    return table, list(text_blocks(table, size))


@pytest.mark.parametrize(
    ("end", "content"),
    [
        ("plain", "nome;cpf\nAna;1\n\nJoão;2\nRui;3"),
        ("plain", "nome;cpf\r\nAna;1\r\nRui;3\r\n"),
        ("plain", "sep=;\nnome;cpf\nAna;1;x\nBia\n"),
        ("parsed", 'nome;cpf\nAna;1\n"Bia; filha";2\n'),
        ("parsed", "nome;cpf\rAna;1\rRui;3"),
        ("parsed", f"nome;cpf\n{'a' * 40_000};1\nRui;3"),
        ("plain", "nome;cpf\n"),
    ],
)
def test_blocks_hold_the_records_of_the_file(end: str, content: str) -> None:
    csv.field_size_limit(131_072)
    table, blocks = blocks_of(content)
    assert [block.record(index) for block in blocks for index in range(len(block))] == list(table.records())
    assert [block.first for block in blocks] == list(range(1, 1 + 2 * len(blocks), 2))
    assert all(isinstance(block, TextBlock) == (end == "plain") for block in blocks)


def test_text_and_records_give_the_same_columns() -> None:
    _table, [block] = blocks_of("nome;cpf\nAna;1\n\nBia;2;3\nRui;;\nIvo;", size=9)
    records = RecordBlock(1, [block.record(index) for index in range(len(block))])
    assert block.columns(2).rows() == records.columns(2).rows()
    assert [block.line(index) for index in range(5)] == [records.line(index) for index in range(5)] == [2, 3, 4, 5, 6]
