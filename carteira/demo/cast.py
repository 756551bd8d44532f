"""Clients told by hand, the first ones a visitor should meet. The others are drawn."""

from dataclasses import dataclass

from carteira.demo import rhythms, stories
from carteira.demo.stories import Story


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    city: str
    trade: str
    story: Story
    trade_name: str = ""
    born: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""


COMPANIES = (
    Role(
        "Metalúrgica São Bento Ltda", "Joinville", "Indústria", rhythms.buyer_with_contract_ending,
        tags=("VIP", "Decide em reunião"),
        notes="Irineu decide com a sócia. Pede proposta com e sem o galpão novo.",
    ),
    Role(
        "Transportadora Rota Sul Ltda", "Porto Alegre", "Transporte e logística", stories.insurance_ending,
        tags=("VIP", "Frota própria"), notes="14 veículos. Dois concorrentes cotando a frota.",
    ),
    Role(
        "Moreira & Lacerda Comércio de Alimentos Ltda", "Fortaleza", "Comércio varejista",
        rhythms.every_week, "Mercado Bom Preço",
    ),
    Role("Clínica Vida Plena S.A.", "Belo Horizonte", "Saúde", rhythms.insured_buyer,
         notes="Reclamou do prazo de reembolso. Falar antes com a gerência."),
    Role("Construtora Alicerce Ltda", "Goiânia", "Construção civil", rhythms.every_quarter),
    Role("Colégio Ipê Amarelo Ltda", "Curitiba", "Educação", stories.subscription_ending,
         tags=("Decide em reunião",)),
    Role("AgroVale Insumos Ltda", "Rio Verde", "Agronegócio", stories.insured, tags=("VIP",),
         notes="Safra de verão: pede capital de giro em setembro."),
    Role("Ateliê Dona Flor Ltda ME", "Olinda", "Comércio varejista", rhythms.slipping_away),
    Role("Restaurante Sabor de Minas Ltda", "Uberlândia", "Alimentação", rhythms.stopped_monthly),
    Role("Padaria Pão da Vila Ltda ME", "Campinas", "Alimentação", rhythms.every_month),
    Role("Farmácia Santa Clara Ltda", "Londrina", "Saúde", rhythms.buyer_with_contract),
    Role("Marcenaria Dois Irmãos Ltda ME", "Blumenau", "Indústria", stories.proposal, tags=("Indicação",)),
)  # fmt: skip
PEOPLE = (
    Role("Raquel Moura Antunes", "Recife", "Empregado CLT", stories.lender_insurance_ending, born=1981,
         notes="Prefere o plano anual, se couber no orçamento."),
    Role("Lúcia Helena Barros", "João Pessoa", "Aposentado ou pensionista", stories.young_loan, born=1958,
         tags=("Prefere de manhã",)),
    Role("Antônio Carlos Ferreira", "Salvador", "Aposentado ou pensionista", stories.settled_loan, born=1955,
         notes="Quitou o consignado com a venda do carro. Aceita conversar se a taxa cair."),
    Role("José Raimundo Teixeira", "Belém", "Servidor estadual ou municipal", stories.loan_ready_to_renew,
         born=1963),
    Role("Sônia Prates", "Florianópolis", "Autônomo", stories.lender_insured, born=1976),
)  # fmt: skip
