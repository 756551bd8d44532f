"""How each kind of client came to be where it is. A story draws its own dates; the classification decides."""

import datetime
from collections.abc import Callable

from carteira.demo.deals import Customer, Deal, History, Status, add_months, cancel
from contracts.models import Purchase

Story = Callable[[Customer], History]

LOANS = {
    "Aposentado ou pensionista": "Consignado INSS",
    "Servidor federal": "Consignado SIAPE",
    "Servidor estadual ou municipal": "Consignado servidor estadual",
}
INSURANCE_OF_PEOPLE = ("Seguro Residencial", "Seguro Auto", "Seguro de Vida", "Odonto Individual")
INSURANCE_OF_TRADE = {"Transporte e logística": "Seguro de Frota", "Agronegócio": "Seguro Rural"}
INSURANCE_OF_COMPANIES = ("Seguro Empresarial", "Seguro Empresarial", "Vida em Grupo")
SERVICES = (
    "Plano Gestão Essencial",
    "Plano Gestão Essencial",
    "Plano Gestão Profissional",
    "Odonto Empresarial",
)
CANCEL_REASONS = (
    "Achou mais barato",
    "Insatisfação com o atendimento",
    "Falta de pagamento",
    "Corte de custos",
)
REASONS_OF_PEOPLE = ("Mudou de cidade", "Ficou sem renda", "Contratou pelo banco")
REASONS_OF_COMPANIES = ("Fechou a loja", "Troca de corretora pela matriz", "Redução de quadro")
SETTLED = "Quitação antecipada"
REFINANCED = "Liquidado por refinanciamento"


def _loan_product(customer: Customer) -> str:
    return LOANS.get(customer.trade, "Crédito do Trabalhador")


def _insurance(customer: Customer) -> str:
    if not customer.is_company:
        return customer.rng.choice(INSURANCE_OF_PEOPLE)
    own = INSURANCE_OF_TRADE.get(customer.trade)
    return own if own and customer.rng.random() < 0.75 else customer.rng.choice(INSURANCE_OF_COMPANIES)


def _cancel_reason(customer: Customer) -> str:
    own = REASONS_OF_COMPANIES if customer.is_company else REASONS_OF_PEOPLE
    return customer.rng.choice(CANCEL_REASONS + own)


def _years(customer: Customer) -> int:
    return customer.rng.choices((1, 2, 3, 4), (40, 30, 20, 10))[0]


def _bought_before(customer: Customer) -> History:
    """Something bought by the way in the last years: it makes a record richer and decides nothing."""
    if customer.rng.random() > 0.3:
        return History()
    choices = ("Certificado digital e-CNPJ", "Maquininha de cartão", "Bobinas térmicas, caixa")
    people = ("Seguro viagem", "Certificado digital e-CPF", "Garantia estendida")
    product = customer.rng.choice(choices if customer.is_company else people)
    return History([customer.sale(customer.rng.randint(40, 620), product)])


# --- Prospects --------------------------------------------------------------------------------------


def newcomer(customer: Customer) -> History:
    return History()


def proposal(customer: Customer) -> History:
    status = customer.rng.choices((Status.PROPOSAL, Status.DRAFT), (75, 25))[0]
    return History(deals=[customer.unsigned(_insurance(customer), status, days_ago=customer.rng.randint(0, 20))])


def declined(customer: Customer) -> History:
    notes = customer.rng.choice(("Recusado na análise", "Cliente achou caro", "Fechou com o banco dele", "Sem margem"))
    days = customer.rng.randint(25, 260)
    return History(deals=[customer.unsigned(_insurance(customer), Status.DECLINED, days_ago=days, notes=notes)])


def given_back(customer: Customer) -> History:
    product = "Maquininha de cartão" if customer.is_company else "Seguro viagem"
    status = customer.rng.choice((Purchase.Status.RETURNED, Purchase.Status.CANCELLED))
    return History([customer.sale(customer.rng.randint(15, 200), product, status, "Arrependimento em 7 dias")])


# --- Loans ------------------------------------------------------------------------------------------


def young_loan(customer: Customer) -> History:
    months = customer.rng.choice((48, 60, 72, 84, 96))
    loan = customer.loan(_loan_product(customer), days_ago=customer.rng.randint(5, 300), months=months)
    return History(deals=[loan]) + _prestamista(customer) + _bought_before(customer)


def loan_ready_to_renew(customer: Customer) -> History:
    months = customer.rng.choice((48, 60, 72, 84))
    needed = max(12, -(-months // 5))
    days = round((needed + 1.5) * 30.5) + customer.rng.randint(3, 190)
    return History(deals=[customer.loan(_loan_product(customer), days_ago=days, months=months)])


def refinanced_loan(customer: Customer) -> History:
    renewed = customer.rng.randint(8, 290)
    old = customer.loan(_loan_product(customer), days_ago=renewed + customer.rng.randint(480, 820), months=84)
    new = customer.loan("Refinanciamento de consignado", days_ago=renewed, months=96, renews=old)
    assert new.start_on is not None  # noqa: S101  (loans have a start)
    old.status = Status.CANCELLED
    return History(deals=[cancel(old, new.start_on, REFINANCED), new]) + _bought_before(customer)


def settled_loan(customer: Customer) -> History:
    ended = customer.rng.randint(60, 640)
    loan = customer.loan(_loan_product(customer), days_ago=ended + customer.rng.randint(240, 700), months=72)
    loan.status = Status.CANCELLED
    return History(deals=[cancel(loan, customer.ago(ended), SETTLED)])


def _prestamista(customer: Customer) -> History:
    if customer.rng.random() > 0.35:
        return History()
    return History(deals=customer.terms("Prestamista Essencial", ends_in=customer.rng.randint(80, 340), terms=1))


# --- Contracts with a term ----------------------------------------------------------------------------


def insured(customer: Customer) -> History:
    deals = customer.terms(_insurance(customer), ends_in=customer.rng.randint(95, 355), terms=_years(customer))
    return History(deals=deals) + _bought_before(customer)


def insurance_ending(customer: Customer) -> History:
    product = _insurance(customer)
    return History(deals=customer.terms(product, ends_in=customer.rng.randint(2, 58), terms=_years(customer)))


def insurance_in_grace(customer: Customer) -> History:
    product = _insurance(customer)
    return History(deals=customer.terms(product, ends_in=-customer.rng.randint(1, 26), terms=_years(customer)))


def insurance_lapsed(customer: Customer) -> History:
    product = _insurance(customer)
    return History(deals=customer.terms(product, ends_in=-customer.rng.randint(34, 700), terms=_years(customer)))


def insurance_cancelled(customer: Customer) -> History:
    deals = customer.terms(_insurance(customer), ends_in=-customer.rng.randint(5, 200), terms=_years(customer))
    last = deals[-1]
    assert last.end_on is not None  # noqa: S101  (a chain has ends)
    last.status = Status.CANCELLED
    days = (customer.today - last.end_on).days + customer.rng.randint(20, 150)
    cancel(last, customer.ago(days), _cancel_reason(customer))
    return History(deals=deals)


def renewed_early(customer: Customer) -> History:
    """The next term is signed although the present one has weeks to go."""
    deals = customer.terms(_insurance(customer), ends_in=365 + customer.rng.randint(4, 45), terms=2)
    deals[-1].signed_on = customer.ago(customer.rng.randint(1, 12))
    deals[-1].status = Status.SIGNED
    return History(deals=deals)


def leaving(customer: Customer) -> History:
    """Still insured, but said that it will not go on."""
    deals = customer.terms(_insurance(customer), ends_in=customer.rng.randint(12, 200), terms=_years(customer))
    if customer.rng.random() < 0.5:
        deals[-1].will_not_renew = True
    else:
        day = customer.today + datetime.timedelta(days=customer.rng.randint(5, 11))
        cancel(deals[-1], day, _cancel_reason(customer))
    return History(deals=deals)


def signed_ahead(customer: Customer) -> History:
    start = customer.today + datetime.timedelta(days=customer.rng.randint(3, 35))
    product = _insurance(customer)
    signed, end = customer.ago(customer.rng.randint(1, 9)), add_months(start, 12) - datetime.timedelta(days=1)
    deal = Deal(product, customer.institution(product), Status.SIGNED, signed, start, end, customer.premium(product))
    return History(deals=[deal])


def lender_insured(customer: Customer) -> History:
    ends_in = customer.rng.randint(80, 340)
    return History(deals=customer.terms("Prestamista Completo", ends_in=ends_in, terms=_years(customer)))


def lender_insurance_ending(customer: Customer) -> History:
    product = customer.rng.choice(("Prestamista Completo", "Prestamista Essencial"))
    return History(deals=customer.terms(product, ends_in=customer.rng.randint(7, 40), terms=_years(customer)))


def card_holder(customer: Customer) -> History:
    return History(deals=[customer.open_ended("Cartão benefício", days_ago=customer.rng.randint(20, 1100))])


def subscriber(customer: Customer) -> History:
    product = customer.rng.choice(SERVICES)
    deals = customer.terms(product, ends_in=customer.rng.randint(125, 350), terms=_years(customer))
    return History(deals=deals) + _bought_before(customer)


def subscription_ending(customer: Customer) -> History:
    deals = customer.terms(customer.rng.choice(SERVICES), ends_in=customer.rng.randint(7, 85), terms=_years(customer))
    return History(deals=deals)


def open_ended_service(customer: Customer) -> History:
    product = customer.rng.choice(("Assistência 24 horas", "Plano Gestão Essencial"))
    return History(deals=[customer.open_ended(product, days_ago=customer.rng.randint(30, 1300))])
