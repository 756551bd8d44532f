import pytest

from brazil.cells import (
    clean_cell,
    drop_float_suffix,
    expand_scientific,
    repair_mojibake,
    windows_bytes,
    windows_text,
    without_accents,
)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("", ""),
        ("Ana", "Ana"),
        ("  Ana \t Maria\r\n Silva ", "Ana Maria Silva"),
        ("\u00a0Ana\u00a0Maria", "Ana Maria"),
        ("\ufeffAna\u200b\u2060", "Ana"),
        ("Jose\u0301", "José"),
        ("A\x00B", "AB"),
        ("'0123", "0123"),
        ("' 0123", "0123"),
        ('="0123"', "0123"),
        ('=" 01 "', "01"),
        ("=A1", "=A1"),
        ("d'Ávila", "d'Ávila"),
    ],
)
def test_clean_cell_keeps_only_the_text(raw: str, cleaned: str) -> None:
    assert clean_cell(raw) == cleaned


@pytest.mark.parametrize(
    "raw",
    [
        "-", "--", "---", ".", "0", "N/A", "na", "N/D", "#N/D", "#N/A", "#REF!", "#VALOR!", "NULL", "None",
        "NaN", "X", "xx", "XXX", "S/N", "isento", "não informado", "NAO INFORMADA", "Não Informado(a)",
        "não tem", "Não possui", "sem CPF", "sem email", "Sem E-mail", "sem telefone", " - ", "'-",
    ],
)  # fmt: skip
def test_clean_cell_empties_placeholders(raw: str) -> None:
    assert clean_cell(raw) == ""


@pytest.mark.parametrize("raw", ["00", "X-Men", "Nana", "isentos", "sem cpf ainda, volta amanhã", "XXXX"])
def test_clean_cell_keeps_what_only_resembles_a_placeholder(raw: str) -> None:
    assert clean_cell(raw) == raw


@pytest.mark.parametrize(
    ("damaged", "repaired"),
    [
        ("JoÃ£o", "João"),
        ("JoÃƒÂ£o", "João"),
        ("JOÃ\x81O", "JOÁO"),
        ("Ã\xa0 vista", "à vista"),
        ("São João", "São João"),
        ("JOÃO É", "JOÃO É"),
        ("IRMÃ\u201d", "IRMÔ"),
        ("Ãã", "Ãã"),
        ("Ã£ 漢", "Ã£ 漢"),
        ("plain", "plain"),
    ],
)
def test_repair_mojibake_undoes_utf8_read_as_cp1252(damaged: str, repaired: str) -> None:
    assert repair_mojibake(damaged) == repaired


def test_windows_text_reads_every_byte_and_back() -> None:
    every_byte = bytes(range(256))
    text = windows_text(every_byte)
    assert text[0x80] == "€"
    assert text[0x81] == "\x81"
    assert windows_bytes(text) == every_byte


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1,1987654321E+10", "11987654321"),
        ("1.1987654321e10", "11987654321"),
        ("1,19876543210E+10", "11987654321"),
        ("1,19877E+10", ""),
        ("1,19876543215E+10", ""),
        ("4E+13", ""),
        ("11987654321", None),
        ("9433085E000580", None),
        ("١E+0", None),
    ],
)
def test_expand_scientific(text: str, digits: str | None) -> None:
    assert expand_scientific(text) == digits


@pytest.mark.parametrize(
    ("text", "digits"), [("123.0", "123"), ("123,0", "123"), ("123", None), ("1.2.0", None), ("12.00", None)]
)
def test_drop_float_suffix(text: str, digits: str | None) -> None:
    assert drop_float_suffix(text) == digits


def test_without_accents_keeps_the_case() -> None:
    assert without_accents("Ação ÂNGULO nº") == "Acao ANGULO no"
