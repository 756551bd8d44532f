import pytest

from imports.headings import (
    FIELDS,
    Guess,
    Kind,
    UnknownColumnError,
    chosen_columns,
    find_header,
    fold_heading,
    guess,
    mapping_of,
)

CANONICAL: dict[Kind, str] = {
    "clients": "codigo nome documento telefone email nascimento cep cidade uf vendedor segmento origem",
    "purchases": "cliente numero data produto valor situacao",
    "contracts": (
        "cliente instituicao numero produto inicio fim situacao assinado_em renova_numero cancelado_em "
        "nao_renova janela_dias valor"
    ),
    "contacts": "cliente data canal resultado nota vendedor",
}
NONE = Guess("", "none")


@pytest.mark.parametrize(("kind", "headings"), CANONICAL.items())
def test_canonical_headings_are_sure(kind: Kind, headings: str) -> None:
    columns = headings.split()
    assert guess(kind, columns) == {position: Guess(name, "sure") for position, name in enumerate(columns)}


@pytest.mark.parametrize(("kind", "headings"), CANONICAL.items())
def test_every_canonical_heading_is_a_field(kind: Kind, headings: str) -> None:
    assert set(headings.split()) <= set(FIELDS[kind])


def test_every_known_name_is_folded() -> None:
    known = [name for fields in FIELDS.values() for field in fields.values() for name in field.names + field.hints]
    assert [fold_heading(name) for name in known] == known


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Nome completo", "nome"), ("NOME DO CLIENTE", "nome"), ("Cliente", "nome"), ("Razão Social", "nome"),
        ("CPF", "documento"), ("CNPJ", "documento"), ("CPF/CNPJ", "documento"), ("cnpj ou cpf", "documento"),
        ("Doc.", "documento"), ("Fone", "telefone"), ("Tel.", "telefone"), ("Celular", "telefone"),
        ("WhatsApp", "telefone"), ("Contato 1", "telefone"), ("contato3", "telefone"),
        ("Telefone 4", "telefone"),
        ("DDD", "ddd"), ("E-mail", "email"), ("EMAIL", "email"),
        ("Correio eletrônico", "email"), ("Endereço eletrônico", "email"), ("Data Nasc.", "nascimento"),
        ("Dt. Nascimento", "nascimento"), ("Código Postal", "cep"), ("Município", "cidade"),
        ("Estado", "uf"),
        ("Valor do Contrato", "valor"), ("Vlr Parcela", "valor"), ("Faturamento", "valor"),
        ("Consultor", "vendedor"), ("Responsável", "vendedor"), ("Convênio", "produto"),
    ],
)  # fmt: skip
def test_known_names_of_client_files_are_sure(heading: str, field: str) -> None:
    assert guess("clients", [heading]) == {0: Guess(field, "sure")}


@pytest.mark.parametrize(
    "heading",
    [
        "Nome da mãe",
        "NOME FANTASIA",
        "Benefício",
        "Número do benefício",
        "Nome social",
        "UF do RG",
        "CEP ou DDD",
        "",
    ],
)
def test_traps_and_doubtful_headings_are_left_out(heading: str) -> None:
    assert guess("clients", [heading]) == {0: NONE}


@pytest.mark.parametrize(
    ("heading", "field"),
    [("CPF do titular", "documento"), ("Telefone para recado", "telefone"), ("Contato", "telefone")],
)
def test_a_known_name_inside_a_heading_is_to_be_checked(heading: str, field: str) -> None:
    assert guess("clients", [heading]) == {0: Guess(field, "check")}


def test_exact_beats_partial_and_the_better_name_beats_the_first() -> None:
    assert guess("clients", ["Nome do titular", "Cliente", "Nome"]) == {
        0: NONE,
        1: NONE,
        2: Guess("nome", "sure"),
    }


def test_several_columns_may_be_phones_beside_a_ddd() -> None:
    guesses = guess("clients", ["DDD", "Telefone", "Celular", "Telefone da loja"])
    assert mapping_of(guesses) == {0: "ddd", 1: "telefone", 2: "telefone", 3: "telefone"}


def test_a_sample_that_contradicts_asks_for_a_check() -> None:
    rows = [["Ana", "1876543210"], ["Rui", "1876543211"], ["Lia", "1976543212"], ["Zé"]]
    assert guess("clients", ["Nome", "CPF"], rows)[1] == Guess("documento", "check")
    assert guess("clients", ["Nome", "CPF"], rows[:2])[1] == Guess("documento", "sure")


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("cpf", ["68657271001", "303.659.015-39", "7974101806"]),
        ("telefone", ["98765-4321", "11 98765-4321", "1132654321"]),
        ("email", ["a@x.com.br", "b@x.com.br", "-", "c@x.com.br"]),
        ("nascimento", ["01/02/1980", "25717", "1980-02-01"]),
        ("cep", ["01310-100", "1310100", "20000-000"]),
        ("uf", ["SP", "rj", "Minas Gerais"]),
        ("nome", ["1", "2", "3"]),
    ],
)
def test_a_sample_that_fits_keeps_the_guess_sure(heading: str, values: list[str]) -> None:
    assert guess("clients", [heading], [[value] for value in values])[0].confidence == "sure"


def test_a_column_without_a_known_name_is_known_by_its_values() -> None:
    rows = [
        ["a@x.com.br", "68657271001", "x"],
        ["b@x.com.br", "30365901539", "y"],
        ["c@x.com.br", "07974101806", "z"],
    ]
    guesses = guess("clients", ["A", "B", "C"], rows)
    assert guesses == {0: Guess("email", "check"), 1: Guess("documento", "check"), 2: NONE}
    assert set(guess("contacts", ["A", "B", "C"], rows).values()) == {NONE}


def test_a_benefit_number_is_never_taken_for_a_document() -> None:
    rows = [["7974101806"], ["9334119950"], ["1996648381"]]
    assert guess("clients", ["Benefício"], rows) == {0: NONE}


def test_find_header_skips_the_preamble() -> None:
    rows = [
        ["Relatório de clientes", ""],
        [],
        ["Nome do Cliente", "CPF/CNPJ", "Obs"],
        ["Ana", "68657271001", ""],
    ]
    assert find_header("clients", rows) == 2


def test_find_header_prefers_whole_names_to_parts() -> None:
    rows = [["CPF do titular: todos", "Telefone da loja: 1"], ["Nome", "CPF"]]
    assert find_header("clients", rows) == 1
    assert find_header("clients", rows[:1]) == 0


def test_find_header_takes_the_first_table_like_row_when_no_name_is_known() -> None:
    assert find_header("clients", [["Lista"], ["alfa", "beta"]]) == 1
    assert find_header("clients", [[""], ["Lista"]]) == 1
    assert find_header("clients", [[""], []]) is None


def test_find_header_knows_the_headings_of_a_mapping() -> None:
    rows = [["x", "y"], ["Quem", "Quando"]]
    assert find_header("clients", rows, known=["QUEM", "quando"]) == 1


def test_chosen_columns_follow_a_mapping_by_heading() -> None:
    headings = ["Quem", "Fone A", "Fone A", "Nota"]
    chosen = chosen_columns("clients", headings, {"quem": "nome", "FONE A": "telefone", "Nota": ""})
    assert chosen == {0: "nome", 1: "telefone", 2: "telefone"}


@pytest.mark.parametrize("mapping", [{"Outra": "nome"}, {"Quem": "salario"}])
def test_chosen_columns_refuse_what_does_not_exist(mapping: dict[str, str]) -> None:
    with pytest.raises(UnknownColumnError):
        chosen_columns("clients", ["Quem"], mapping)
