"""Stories of buyers: how often they buy, what, and whether they still do. And which story is how frequent."""

from carteira.demo import stories
from carteira.demo.deals import Customer, History
from carteira.demo.stories import Story

YEARLY_OF_PEOPLE = ("Antecipação do FGTS", "Seguro viagem", "Certificado digital e-CPF")


def _monthly(customer: Customer) -> tuple[str, ...]:
    kinds = ("Antecipação de recebíveis", "Bobinas térmicas, caixa", "Pacote de consultas de crédito")
    return (customer.rng.choices(kinds, (60, 25, 15))[0],)


def _quarterly(customer: Customer) -> tuple[str, ...]:
    if customer.trade == "Construção civil":
        return ("Seguro garantia", "Seguro garantia", "Capital de giro")
    kinds = ("Capital de giro", "Bobinas térmicas, caixa", "Antecipação de recebíveis")
    return (customer.rng.choice(kinds),)


def every_week(customer: Customer) -> History:
    gap = customer.rng.uniform(6, 10)
    return customer.rhythm(
        ("Antecipação de recebíveis",),
        gap=gap,
        first=customer.rng.randint(120, 480),
        last=customer.rng.uniform(0, 9),
    )


def every_month(customer: Customer) -> History:
    gap = customer.rng.uniform(24, 40)
    first, last = customer.rng.randint(180, 1000), customer.rng.uniform(0, gap * 1.1)
    return customer.rhythm(_monthly(customer), gap=gap, first=first, last=last)


def every_quarter(customer: Customer) -> History:
    gap = customer.rng.uniform(70, 120)
    first, last = customer.rng.randint(400, 1500), customer.rng.uniform(0, gap * 1.15)
    return customer.rhythm(_quarterly(customer), gap=gap, first=first, last=last)


def every_year(customer: Customer) -> History:
    gap = customer.rng.uniform(330, 390)
    first, last = customer.rng.randint(800, 1500), customer.rng.uniform(5, 340)
    return customer.rhythm((customer.rng.choice(YEARLY_OF_PEOPLE),), gap=gap, first=first, last=last)


def slipping_away(customer: Customer) -> History:
    gap = customer.rng.uniform(14, 40)
    last = gap * customer.rng.uniform(0.7, 1.5)
    return customer.stretching(_monthly(customer), gap=gap, growth=1.08, count=customer.rng.randint(7, 14), last=last)


def came_back(customer: Customer) -> History:
    """Bought, was away for long, buys again."""
    gap = customer.rng.uniform(25, 45)
    away = customer.rng.uniform(200, 320)
    products = _monthly(customer)
    again = customer.rng.uniform(60, 170)
    before = customer.rhythm(products, gap=gap, first=again + away + customer.rng.randint(150, 400), last=again + away)
    return before + customer.rhythm(products, gap=gap, first=again, last=customer.rng.uniform(1, gap))


def bought_once(customer: Customer) -> History:
    if customer.is_company:
        return History([customer.sale(customer.rng.randint(1, 30), "Maquininha de cartão")])
    product = customer.rng.choice(("Crédito pessoal", *YEARLY_OF_PEOPLE))
    return History([customer.sale(customer.rng.randint(3, 330), product)])


def bought_once_long_ago(customer: Customer) -> History:
    product = "Maquininha de cartão" if customer.is_company else customer.rng.choice(YEARLY_OF_PEOPLE)
    oldest, newest = (900, 240) if customer.is_company else (1300, 760)
    return History([customer.sale(customer.rng.randint(newest, oldest), product)])


def stopped_monthly(customer: Customer) -> History:
    gap = customer.rng.uniform(18, 42)
    last = max(gap * customer.rng.uniform(2.6, 11), 70)
    return customer.rhythm(_monthly(customer), gap=gap, first=last + customer.rng.randint(200, 700), last=last)


def stopped_quarterly(customer: Customer) -> History:
    gap = customer.rng.uniform(70, 115)
    last = gap * customer.rng.uniform(2.6, 5)
    return customer.rhythm(_quarterly(customer), gap=gap, first=last + customer.rng.randint(350, 800), last=last)


def stopped_yearly(customer: Customer) -> History:
    last = customer.rng.uniform(740, 1100)
    product = customer.rng.choice(YEARLY_OF_PEOPLE)
    return customer.rhythm((product,), gap=360, first=last + customer.rng.randint(300, 800), last=last)


def buyer_with_contract(customer: Customer) -> History:
    return stories.subscriber(customer) + every_month(customer)


def insured_buyer(customer: Customer) -> History:
    return stories.insured(customer) + every_quarter(customer)


def buyer_with_contract_ending(customer: Customer) -> History:
    return stories.subscription_ending(customer) + every_month(customer)


# Shares of all people and of all companies: together about 60 % active, 20 % inactive, 9 % in renewal
# and 11 % prospects.
STORIES_OF_PEOPLE: dict[Story, float] = {
    stories.newcomer: 6,
    stories.proposal: 3.5,
    stories.declined: 1,
    stories.given_back: 0.5,
    stories.young_loan: 16,
    stories.refinanced_loan: 6,
    stories.insured: 15,
    stories.renewed_early: 2,
    stories.lender_insured: 5,
    stories.leaving: 2,
    stories.signed_ahead: 1,
    stories.card_holder: 4,
    every_year: 6,
    bought_once: 3,
    stories.loan_ready_to_renew: 4,
    stories.insurance_ending: 3.5,
    stories.insurance_in_grace: 1.2,
    stories.lender_insurance_ending: 1.3,
    stories.settled_loan: 6,
    stories.insurance_lapsed: 5,
    stories.insurance_cancelled: 2,
    stopped_yearly: 4,
    bought_once_long_ago: 3,
}
STORIES_OF_COMPANIES: dict[Story, float] = {
    stories.newcomer: 5.5,
    stories.proposal: 4,
    stories.declined: 1,
    stories.given_back: 0.5,
    every_week: 8,
    every_month: 12,
    every_quarter: 8,
    came_back: 2,
    slipping_away: 4,
    bought_once: 2.5,
    stories.subscriber: 4,
    buyer_with_contract: 4,
    stories.insured: 6,
    insured_buyer: 5,
    stories.renewed_early: 1,
    stories.leaving: 2,
    stories.signed_ahead: 1,
    stories.open_ended_service: 3,
    stories.subscription_ending: 2,
    buyer_with_contract_ending: 2,
    stories.insurance_ending: 4,
    stories.insurance_in_grace: 1.4,
    stopped_monthly: 8,
    stopped_quarterly: 5,
    bought_once_long_ago: 2.5,
    stories.insurance_lapsed: 4,
    stories.insurance_cancelled: 1.5,
}
