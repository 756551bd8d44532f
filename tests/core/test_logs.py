"""No canary of a person survives the logging handler (RELIABILITY T20)."""

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brazil.documents import CPF_WEIGHTS, check_digit, format_document
from brazil.phones import format_phone
from core.logs import PersonalDataFilter, redacted


def logged(message: str, *args: object, **kwargs: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(PersonalDataFilter())
    logger = logging.Logger("canary")
    logger.addHandler(handler)
    logger.error(message, *args, **kwargs)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Service Unavailable: /p/{'0a' * 16}/obrigado/", "Service Unavailable: /p/[convite]/obrigado/"),
        ("cpf 52998224725 novo", "cpf [documento] novo"),
        ("cpf 529.982.247-25", "cpf [documento]"),
        ("cnpj 11.222.333/0001-81", "cnpj [documento]"),
        ("cnpj 11222333000181", "cnpj [documento]"),
        ("cnpj 12ABC34501DE35", "cnpj [documento]"),
        ("mail ana.lima+1@exemplo.com.br.", "mail [e-mail]."),
        ("fone +5511987654321", "fone [telefone]"),
        ("fone +351912345678", "fone [telefone]"),
        ("fone 5511987654321", "fone [telefone]"),
        ("fone (11) 98765-4321", "fone [telefone]"),
        ("fone 11 98765-4321", "fone [telefone]"),
        ("fone (11)3456-7890", "fone [telefone]"),
        ("fone 1134567890", "fone [telefone]"),
        ("job 42 took 1.234 s on 2026-11-22 03:10:00", "job 42 took 1.234 s on 2026-11-22 03:10:00"),
        ("GET /clientes/1234567/ 404", "GET /clientes/1234567/ 404"),
    ],
)
def test_redacted_hides_what_tells_a_person(text: str, left: str) -> None:
    assert redacted(text) == left


@given(st.integers(0, 999_999_999))
def test_redacted_hides_every_cpf(base: int) -> None:
    number = f"{base:09d}"
    first = check_digit(number, CPF_WEIGHTS[0])
    document = number + first + check_digit(number + first, CPF_WEIGHTS[1])

    assert redacted(f"x {document} y {format_document(document)}") == "x [documento] y [documento]"


@given(st.integers(11, 99), st.integers(0, 99_999_999))
def test_redacted_hides_every_mobile(ddd: int, number: int) -> None:
    phone = f"+55{ddd}9{number:08d}"

    assert redacted(f"x {phone} y {format_phone(phone)}") == "x [telefone] y [telefone]"


def test_filter_covers_the_arguments() -> None:
    assert logged("row %s of %s", "52998224725", "ana@exemplo.com") == "ERROR row [documento] of [e-mail]\n"


def test_filter_covers_tracebacks() -> None:
    try:
        raise ValueError("ana@exemplo.com tem 52998224725")
    except ValueError:
        text = logged("failed", exc_info=True)

    assert "[e-mail] tem [documento]" in text
    assert "52998224725" not in text
    assert "ana@exemplo.com" not in text


def test_filter_covers_a_traceback_that_another_handler_wrote_before() -> None:
    record = logging.LogRecord("canary", logging.ERROR, __file__, 1, "failed", None, None)
    record.exc_text = "Traceback: ana@exemplo.com"
    record.stack_info = "Stack: 529.982.247-25"

    assert PersonalDataFilter().filter(record)
    assert (record.exc_text, record.stack_info) == ("Traceback: [e-mail]", "Stack: [documento]")


def test_console_of_the_settings_has_the_filter(settings: object) -> None:
    console = settings.LOGGING["handlers"]["console"]

    assert console["filters"] == ["personal_data"]
    assert settings.LOGGING["filters"]["personal_data"]["()"] == "core.logs.PersonalDataFilter"
