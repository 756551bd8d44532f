import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from brazil.emails import PLAIN_LOCAL_PART, parse_email, suggest_email


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (" Ana.Silva@EMPRESA.example ", "ana.silva@empresa.example"),
        ("mailto:ana@x.com.br", "ana@x.com.br"),
        ("<ana@x.com.br>.", "ana@x.com.br"),
        ("ana+crm@x.com.br", "ana+crm@x.com.br"),
        ("ana@loja.test", "ana@loja.test"),
        ("ana@ação.com.br", "ana@ação.com.br"),
    ],
)
def test_parse_email_normalises(raw: str, address: str) -> None:
    parsed = parse_email(raw)
    assert (parsed.status, parsed.normalized, parsed.actions, parsed.error) == ("valid", address, (), "")


@pytest.mark.parametrize("raw", ["a@x.com.br; b@x.com.br", "quebrado@@x, a@x.com.br", "Ana <a@x.com.br>"])
def test_parse_email_keeps_the_first_valid_of_several(raw: str) -> None:
    parsed = parse_email(raw)
    assert (parsed.status, parsed.normalized, parsed.actions) == ("repaired", "a@x.com.br", ("email_split",))


@pytest.mark.parametrize(
    "raw",
    [
        "maria@empresa",
        "joao@@example.com",
        "@example.com",
        "maria",
        "a@x..com",
        "ana@host.local",
        "josé@x.com",
        "a" * 65 + "@x.com",
        "a@" + "x" * 260 + ".com",
    ],
)
def test_parse_email_refuses_what_cannot_be_written_to(raw: str) -> None:
    parsed = parse_email(raw)
    assert (parsed.status, parsed.normalized, parsed.error) == ("invalid", "", "email_invalid")


@pytest.mark.parametrize("raw", ["", "-", "sem e-mail", " ; "])
def test_parse_email_blank(raw: str) -> None:
    assert parse_email(raw).status == "blank"


PARTS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40), min_size=1, max_size=6)


@given(PARTS.map(".".join).filter(PLAIN_LOCAL_PART.fullmatch))
def test_the_short_cut_for_plain_local_parts_agrees_with_the_library(local: str) -> None:
    address = f"{local}@example.com"
    assert validate_email(address, check_deliverability=False).normalized == address
    assert parse_email(address).normalized == address


def test_suggest_email_only_suggests() -> None:
    assert suggest_email("ana@gmial.com") == "ana@gmail.com"
    assert suggest_email("ana@gmail.com") == ""
    assert parse_email("ana@gmial.com").normalized == "ana@gmial.com"
