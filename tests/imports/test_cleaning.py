from datetime import date
from decimal import Decimal

import pytest

from imports.cleaning import CleanedClient, clean_client

TODAY = date(2026, 11, 21)
CPF = "68657271001"


def cleaned(**fields: list[str]) -> CleanedClient:
    return clean_client({"nome": ["Ana Souza"], "documento": [CPF], **fields}, today=TODAY)


def test_clean_client_fills_every_value() -> None:
    values = clean_client(
        {
            "codigo": ["C-7"],
            "nome": ["ANA DE SOUZA"],
            "documento": ["686.572.710-01"],
            "telefone": ["11 3265-4321", "(11) 98765-4321"],
            "email": ["Ana@Empresa.example"],
            "nascimento": ["01/02/1980"],
            "cep": ["01310-100"],
            "cidade": ["São Paulo"],
            "uf": ["são paulo"],
            "valor": ["R$ 1.234,56"],
            "produto": ["Seguro"],
            "vendedor": ["Davi Lobo"],
            "segmento": ["Varejo"],
            "origem": ["Feira"],
        },
        today=TODAY,
    ).values
    assert (values.code, values.name, values.document, values.person_type) == (
        "C-7",
        "Ana de Souza",
        CPF,
        "PF",
    )
    assert [phone.e164 for phone in values.phones] == ["+5511987654321", "+551132654321"]
    assert (values.email, values.birth_date) == ("ana@empresa.example", date(1980, 2, 1))
    assert (values.cep, values.city, values.uf) == ("01310100", "São Paulo", "SP")
    assert (values.declared_amount, values.declared_product) == (Decimal("1234.56"), "Seguro")
    assert (values.seller, values.segment, values.origin) == ("Davi Lobo", "Varejo", "Feira")


def test_clean_client_with_formatting_only_has_no_action() -> None:
    assert cleaned(telefone=["11 98765-4321 ramal 3"], nascimento=["1/2/80"]).actions == ()


@pytest.mark.parametrize(
    ("fields", "actions"),
    [
        ({"telefone": ["11 98765-4321", "98765-4321"]}, ("phone_cleared",)),
        ({"telefone": ["1187654321 / 1132654321"]}, ("ninth_digit_added", "phone_split")),
        ({"email": ["x@", "ana@x.com.br"]}, ("email_cleared",)),
        ({"email": ["a@x.com.br b@x.com.br"]}, ("email_split",)),
        ({"nascimento": ["31/02/1980"]}, ("birth_date_cleared",)),
        ({"nascimento": ["25717"]}, ("excel_serial_date",)),
        ({"cep": ["1310100"]}, ("cep_zero_padded",)),
        ({"cep": ["1"]}, ("cep_cleared",)),
        ({"uf": ["SPP"]}, ("uf_cleared",)),
        ({"valor": ["1.23.4"]}, ("amount_cleared",)),
        ({"uf": ["SPP"], "documento": ["7974101806"]}, ("document_zero_padded", "uf_cleared")),
    ],
)
def test_clean_client_names_each_repair_in_report_order(fields: dict[str, list[str]], actions: tuple[str, ...]) -> None:
    assert cleaned(**fields).actions == actions


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"nome": ["TESTE"], "documento": ["1"]}, "missing_name"),
        ({"nome": []}, "missing_name"),
        ({"documento": ["68657271004"]}, "document_check_digit"),
        ({"documento": [""]}, "no_identifier"),
        ({"documento": [], "telefone": ["3265-4321"], "email": ["x"]}, "no_identifier"),
    ],
)
def test_clean_client_rejects_for_one_reason(fields: dict[str, list[str]], reason: str) -> None:
    assert cleaned(**fields).reason == reason


def test_a_rejected_client_shows_the_repairs_made_until_then() -> None:
    fields = {"nome": ["Ana Souza"], "telefone": ["3265-4321"]}
    result = clean_client(fields, today=TODAY, mojibake=True)
    assert (result.reason, result.actions) == ("no_identifier", ("phone_cleared", "mojibake_fixed"))


def test_of_a_cpf_and_a_cnpj_column_the_good_one_counts() -> None:
    assert cleaned(documento=["", CPF]).values.document == CPF
    assert cleaned(documento=["123456", CPF]).values.document == CPF
    assert cleaned(documento=["123456", "68657271004"]).reason == "document_length"


def test_a_ddd_column_completes_only_short_numbers() -> None:
    assert [phone.e164 for phone in cleaned(ddd=["(021)"], telefone=["98765-4321", "11 98765-4322"]).values.phones] == [
        "+5521987654321",
        "+5511987654322",
    ]


def test_the_default_ddd_serves_where_the_column_is_empty() -> None:
    fields = {"nome": ["Ana Souza"], "ddd": [""], "telefone": ["98765-4321"]}
    assert clean_client(fields, today=TODAY, default_ddd="31").values.phones[0].e164 == "+5531987654321"


def test_warnings_change_nothing() -> None:
    result = cleaned(cep=["20000-000"], uf=["SP"], email=["ana@gmial.com", "ana@gmial.com"])
    assert result.warnings == ("cep_uf_mismatch", "email_typo")
    assert (result.actions, result.values.uf, result.values.emails) == ((), "SP", ("ana@gmial.com",))


def test_a_client_without_document_is_named_like_a_person() -> None:
    result = cleaned(nome=["ANA SOUZA"], documento=[], email=["ana@x.com.br"])
    assert (result.values.name, result.values.person_type) == ("Ana Souza", "")


def test_a_company_keeps_the_case_of_its_name() -> None:
    assert cleaned(nome=["IPÊ LTDA"], documento=["44013662000171"]).values.name == "IPÊ LTDA"
