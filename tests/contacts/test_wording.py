"""Templates filled for one client: the allow-list, what is missing, offers that say how to stop, lengths of SMS."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import ContactPerson
from contacts import sms, wording
from tests.factories import make_client, make_contract, make_product

TODAY = timezone.localdate()


def days(count: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=count)


@pytest.fixture
def ana(cast):
    return make_client("ANA PAULA SOUZA", owner=cast.julia, person_type="PF")


@pytest.mark.django_db
def test_fill_puts_every_variable_in(cast, ana, settings):
    settings.COMPANY_NAME = "Horizonte"
    product = make_product("Seguro Auto")
    make_contract(ana, days(-100), days(20), product=product, amount=Decimal("1450.5"))
    text = (
        "{{primeiro_nome}}|{{ nome }}|{{vendedor}}|{{empresa}}|{{produto}}|{{vencimento}}|{{parcela}}|{{link_pesquisa}}"
    )
    filled = wording.fill(text, ana, cast.julia, link_pesquisa="https://carteira.example/p/x")
    due = f"{days(20):%d/%m/%Y}"
    assert filled.text == (
        f"Ana|ANA PAULA SOUZA|Júlia Prado|Horizonte|Seguro Auto|{due}|R$ 1.450,50|https://carteira.example/p/x"
    )
    assert filled.is_ready


@pytest.mark.django_db
def test_fill_names_what_is_empty_and_the_way_out(cast, ana):
    filled = wording.fill("{{nome}}, seu {{produto}} vence em {{vencimento}}. {{produto}}", ana, cast.julia)
    assert filled.text == "ANA PAULA SOUZA, seu {{produto}} vence em {{vencimento}}. {{produto}}"
    assert filled.missing == [
        "{{produto}} está vazio: o cliente não tem contrato em vigor com produto informado."
        " Complete o cadastro ou use um modelo sem ele.",
        "{{vencimento}} está vazio: o cliente não tem contrato em vigor com data de fim."
        " Complete o cadastro ou use um modelo sem ele.",
    ]
    assert not filled.is_ready


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "José da Silva"}, "José"),
        ({"name": "MARIA SOUZA", "social_name": "Marcos Souza"}, "Marcos"),
        ({"name": "maria souza", "person_type": ""}, "Maria"),
        ({"name": "CLIENTE"}, ""),
        ({"name": "XX", "social_name": "Bia"}, "Bia"),
        ({"name": "Metalúrgica Bento", "person_type": "PJ"}, ""),
    ],
)
def test_first_name_is_of_the_person(cast, fields, expected):
    client = make_client(owner=cast.julia, **{"person_type": "PF", **fields})
    assert wording.values_for(client, cast.julia)["primeiro_nome"] == expected


@pytest.mark.django_db
def test_first_name_of_a_company_is_of_who_decides(cast):
    company = make_client("Metalúrgica Bento Ltda", owner=cast.julia, person_type="PJ")
    ContactPerson.objects.create(client=company, name="Jorge Bento")
    ContactPerson.objects.create(client=company, name="MÁRCIA LORENZI", decides=True)
    ContactPerson.objects.create(client=company, name="Ana Outra", decides=True)
    values = wording.values_for(company, cast.julia)
    assert (values["primeiro_nome"], values["nome"]) == ("Márcia", "Metalúrgica Bento Ltda")


@pytest.mark.django_db
def test_contract_of_the_words_is_the_one_in_force_that_ends_first(cast, ana):
    for name, start, end, fields in (
        ("Vencido", -400, -1, {}),
        ("Futuro", 5, 50, {}),
        ("Sem fim", -10, None, {}),
        ("Cancelado", -10, 3, {"status": "cancelled", "cancelled_on": TODAY}),
        ("Proposta", -10, 2, {"status": "proposal"}),
        ("Depois", -10, 90, {}),
    ):
        make_contract(ana, days(start), end and days(end), product=make_product(name), **fields)
    assert wording.values_for(ana, cast.julia)["produto"] == "Depois"
    make_contract(ana, days(-10), days(30), amount=None)
    values = wording.values_for(ana, cast.julia)
    assert (values["produto"], values["vencimento"], values["parcela"]) == ("", f"{days(30):%d/%m/%Y}", "")


@pytest.mark.django_db
def test_contract_with_months_alone_ends_with_its_last_month(cast, ana):
    make_contract(ana, datetime.date(2020, 1, 31), None, term_months=1200, product=make_product("Empréstimo"))
    assert wording.values_for(ana, cast.julia)["vencimento"] == "30/01/2120"
    make_contract(ana, days(-30), None, term_months=0, product=make_product("Avença"))
    assert wording.values_for(ana, cast.julia)["produto"] == "Empréstimo"


@pytest.mark.django_db
def test_open_contract_has_a_product_and_no_end(cast, ana):
    make_contract(ana, days(-30), None, product=make_product("Avença"))
    values = wording.values_for(ana, cast.julia)
    assert (values["produto"], values["vencimento"]) == ("Avença", "")


@pytest.mark.django_db
def test_values_of_many_clients_say_the_same_in_three_queries(cast, ana, django_assert_num_queries):
    company = make_client("Padaria Sol", owner=cast.julia, person_type="PJ")
    ContactPerson.objects.create(client=company, name="Rita Alves", decides=True)
    hidden = make_client("De Davi", owner=cast.davi)
    make_contract(ana, days(-100), days(20), product=make_product("Seguro Auto"))
    make_contract(hidden, days(-100), days(20))
    alone = {client.pk: wording.values_for(client, cast.julia) for client in (ana, company)}
    wording.values_of([], cast.julia)
    for ids in ([ana.pk], [ana.pk, company.pk, hidden.pk]):
        with django_assert_num_queries(3):
            found = wording.values_of(ids, cast.julia)
    assert found == alone


def test_value_is_never_read_as_a_variable():
    filled = wording.put_in("Olá, {{nome}}.", {"nome": "{{vendedor}} {{link_pesquisa}}"})
    assert filled == wording.Filled("Olá, {{vendedor}} {{link_pesquisa}}.", [])


@pytest.mark.parametrize("text", ["{{senha}}", "{{}}", "{{client.document}}", "{{nome|upper}}", "{{NOME}}"])
def test_unknown_variable_is_refused_with_the_list(text):
    (fault,) = wording.unknown_in(text)
    assert fault.startswith(text + " não existe. Use uma destas: {{primeiro_nome}}, {{nome}}")
    assert wording.put_in(text, {}).missing == [fault]


@pytest.mark.parametrize("text", ["{{nome", "nome}}", "{{nome}} e {{", "{{a{{nome}}b}}"])
def test_braces_without_a_pair_are_refused(text):
    assert "Há chaves sem par. Escreva cada variável entre {{ e }}, como {{nome}}." in wording.unknown_in(text)


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "{{nome}}", "{{ nome }}", "{{x}}", "Olá ", "\n"]), max_size=12))
def test_ready_text_has_no_variable_left(pieces):
    filled = wording.put_in("".join(pieces), {"nome": "Ana"})
    assert filled.is_ready == ("{{" not in filled.text and "}}" not in filled.text)


# --- Offers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_offer_names_the_company_and_how_to_stop(channel):
    assert wording.faults_of("Olá", channel=channel, purpose="offer") == [
        "A oferta precisa dizer o nome da empresa. Inclua {{empresa}}.",
        "A oferta precisa dizer como parar de receber. Inclua “responda SAIR”.",
    ]
    good = "Aqui é {{vendedor}}, da {{empresa}}. Para parar, responda SAIR."
    assert wording.faults_of(good, channel=channel, purpose="offer") == []
    assert len(wording.faults_of("Olá", channel=channel, purpose="any")) == 2


def test_service_and_mail_need_no_such_line():
    assert wording.faults_of("Olá, {{nome}}", channel="whatsapp", purpose="service") == []
    assert wording.faults_of("Olá, {{nome}}", channel="email", purpose="offer") == []
    assert len(wording.faults_of("{{x}}", channel="email", purpose="offer")) == 1


def test_notice_is_added_once(settings):
    settings.COMPANY_NAME = "Crédito São José"
    said = wording.with_notice("Olá, Ana. \n")
    assert said == "Olá, Ana.\nCrédito São José. Para não receber ofertas, responda SAIR."
    assert wording.with_notice(said) == said
    assert wording.notice_faults(sms.plain(said)) == []


@pytest.mark.parametrize("text", ["SAIR", "sair.", "Quero SAIR da lista", "Pare!", "pode cancelar", "STOP", "Sáir"])
def test_stop_words_are_understood(text):
    assert wording.means_stop(text)


@pytest.mark.parametrize("text", ["", "Sim", "saira", "paredes", "cancelamento", "stopped", "Vou sairei"])
def test_other_words_stop_nothing(text):
    assert not wording.means_stop(text)


# --- SMS ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", sms.SmsLength("GSM-7", 0, 0, 160)),
        ("a" * 160, sms.SmsLength("GSM-7", 160, 1, 0)),
        ("a" * 161, sms.SmsLength("GSM-7", 161, 2, 145)),
        ("a" * 306, sms.SmsLength("GSM-7", 306, 2, 0)),
        ("a" * 307, sms.SmsLength("GSM-7", 307, 3, 152)),
        ("é" * 160, sms.SmsLength("GSM-7", 160, 1, 0)),
        ("€" * 80, sms.SmsLength("GSM-7", 160, 1, 0)),
        # The escape of 7 bits is not cut from its letter: 76 fit in 153 places.
        ("€" * 81, sms.SmsLength("GSM-7", 162, 2, 143)),
        ("ã" * 70, sms.SmsLength("UCS-2", 70, 1, 0)),
        ("ç" + "a" * 70, sms.SmsLength("UCS-2", 71, 2, 63)),
        ("ã" * 135, sms.SmsLength("UCS-2", 135, 3, 66)),
        ("😀" * 35, sms.SmsLength("UCS-2", 70, 1, 0)),
        ("😀" * 36, sms.SmsLength("UCS-2", 72, 2, 61)),
    ],
)
def test_sms_is_measured_by_its_alphabet(text, expected):
    assert sms.measure(text) == expected


def test_plain_text_fits_the_short_alphabet():
    text = "Olá, João – a situação “ok” está aí… R$\u00a010"
    assert sms.measure(text).costs_accents
    assert sms.plain(text) == 'Ola, Joao - a situacao "ok" esta ai... R$ 10'
    assert not sms.measure(sms.plain(text)).costs_accents


@given(st.text(alphabet="aã€é😀", max_size=700))
def test_sms_parts_hold_the_whole_text(text):
    length = sms.measure(text)
    alone, shared = (160, 153) if length.encoding == "GSM-7" else (70, 67)
    room = alone if length.parts <= 1 else shared * length.parts
    assert length.size + length.left <= room
    assert (length.parts <= 1) == (length.size <= alone)
