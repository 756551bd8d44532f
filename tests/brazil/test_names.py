import pytest

from brazil.names import are_similar, display_name, first_name, folded, is_real_name, name_key


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("JOSÉ CARLOS DOS SANTOS", "José Carlos dos Santos"),
        ("maria da penha e silva", "Maria da Penha e Silva"),
        ("DA SILVA", "Da Silva"),
        ("joão paulo ii", "João Paulo II"),
        ("ana d'ávila-souza", "Ana D'Ávila-Souza"),
        ("MARIA S. (MÃE)", "Maria S. (Mãe)"),
        ("  José   DA Silva ", "José DA Silva"),
        ("", ""),
    ],
)
def test_display_name_of_a_person(typed: str, shown: str) -> None:
    assert display_name(typed) == shown


def test_display_name_never_changes_the_case_of_a_company() -> None:
    assert display_name("IPÊ  TUCANO LTDA", "PJ") == "IPÊ TUCANO LTDA"


@pytest.mark.parametrize("name", ["José D'Ávila dos Santos", "JOSE DAVILA SANTOS", "jose d’avila  Santos."])
def test_name_key_is_equal_for_spellings_of_one_name(name: str) -> None:
    assert name_key(name) == "JOSE DAVILA SANTOS"


def test_folded_is_blind_to_accents_case_and_spaces() -> None:
    assert folded("  São   JOÃO nº 1 ") == "sao joao no 1"


def test_first_name() -> None:
    assert first_name("Ana Maria Souza") == "Ana"
    assert first_name("José Souza", social_name="Joana Souza") == "Joana"
    assert first_name("Padaria Sol Ltda", person_type="PJ", contact="Rui Lima") == "Rui"
    assert first_name("Padaria Sol Ltda", person_type="PJ") == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "TESTE",
        "Teste teste",
        "Cliente",
        "CONSUMIDOR FINAL",
        "consumidor",
        "Sem nome",
        "XXXX",
        "A B",
        "123",
    ],
)
def test_is_real_name_refuses_stand_ins(name: str) -> None:
    assert not is_real_name(name)


@pytest.mark.parametrize("name", ["Ana", "Li Xu", "Clientela Ltda", "Testemunha Silva", "Ná"])
def test_is_real_name_accepts_names(name: str) -> None:
    assert is_real_name(name)


@pytest.mark.parametrize(
    ("first", "second", "similar"),
    [
        ("José Carlos dos Santos", "JOSE CARLOS SANTOS", True),
        ("Luiz Fernando da Costa", "Luis Fernando Costa", True),
        ("Antonio Pereira", "Antonia Pereira", True),
        ("Maria José Lima", "Maria João Lima", True),
        ("Ana Souza", "Ana Beatriz Cardoso de Souza", True),
        ("Ana", "Ana Beatriz Cardoso de Souza", False),
        ("Ana Souza", "Rui Barbosa", False),
    ],
)
def test_are_similar(first: str, second: str, *, similar: bool) -> None:
    assert are_similar(first, second) is similar
    assert are_similar(second, first) is similar
