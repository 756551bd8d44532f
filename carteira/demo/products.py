"""What Horizonte sells: families with their renewal rule, products with level, price and institutions."""

from dataclasses import dataclass
from decimal import Decimal

from brazil.names import folded
from contracts.models import Institution, Product, ProductFamily

_RULE = ProductFamily.WindowRule

# Family -> renewal rule, days before the end (empty: the default).
FAMILIES: dict[str, tuple[ProductFamily.WindowRule, int | None]] = {
    "Consignado": (_RULE.CONSIGNADO, None),
    "Cartão benefício": (_RULE.NEVER, None),
    "Seguros": (_RULE.DAYS, 60),
    "Seguro prestamista": (_RULE.DAYS, 60),
    "Planos e serviços": (_RULE.DAYS, 90),
    "Crédito avulso": (_RULE.NEVER, None),
    "Equipamentos e insumos": (_RULE.NEVER, None),
}

# product | family | code | level | price (a month for contracts, else each) | institutions
_PRODUCTS = """
Consignado INSS|Consignado|CON-INSS|1||Banco Serra Azul, Banco Jequitibá, Banco Pinhal
Consignado SIAPE|Consignado|CON-SIAPE|1||Banco Serra Azul, Banco Pinhal
Consignado servidor estadual|Consignado|CON-EST|1||Banco Jequitibá, Banco Pinhal
Crédito do Trabalhador|Consignado|CON-CLT|1||Banco Serra Azul, Cooperativa Vale Crédito
Refinanciamento de consignado|Consignado|CON-REFIN|2||Banco Serra Azul, Banco Jequitibá, Banco Pinhal
Cartão benefício|Cartão benefício|CAR-BEN|1|79.90|Banco Jequitibá
Seguro Residencial|Seguros|SEG-RES|1|38.90|Guará Seguros, Ipê-Roxo Seguros
Seguro Auto|Seguros|SEG-AUTO|2|189.90|Guará Seguros, Litoral Seguros
Seguro de Vida|Seguros|SEG-VIDA|2|64.90|Litoral Seguros, Ipê-Roxo Seguros
Seguro Empresarial|Seguros|SEG-EMP|2|310.00|Guará Seguros, Ipê-Roxo Seguros
Vida em Grupo|Seguros|SEG-VG|2|690.00|Litoral Seguros
Seguro de Frota|Seguros|SEG-FROTA|3|2850.00|Guará Seguros, Litoral Seguros
Seguro Rural|Seguros|SEG-RURAL|3|1420.00|Ipê-Roxo Seguros
Prestamista Essencial|Seguro prestamista|PRE-ESS|1|19.90|Litoral Seguros
Prestamista Completo|Seguro prestamista|PRE-COM|2|42.90|Litoral Seguros, Guará Seguros
Plano Gestão Essencial|Planos e serviços|GES-ESS|1|149.00|Horizonte
Plano Gestão Profissional|Planos e serviços|GES-PRO|2|389.00|Horizonte
Odonto Individual|Planos e serviços|ODO-IND|1|34.90|Sorriso Claro Odonto
Odonto Empresarial|Planos e serviços|ODO-EMP|2|820.00|Sorriso Claro Odonto
Assistência 24 horas|Planos e serviços|ASS-24|1|24.90|Horizonte
Antecipação de recebíveis|Crédito avulso|ANT-REC|1|6500.00|
Antecipação do FGTS|Crédito avulso|ANT-FGTS|1|1850.00|
Capital de giro|Crédito avulso|CAP-GIRO|3|28000.00|
Crédito pessoal|Crédito avulso|CRE-PES|2|3200.00|
Bobinas térmicas, caixa|Equipamentos e insumos|EQ-BOB|1|139.90|
Maquininha de cartão|Equipamentos e insumos|EQ-MAQ|2|298.80|
Certificado digital e-CNPJ|Equipamentos e insumos|EQ-CNPJ|1|219.00|
Certificado digital e-CPF|Equipamentos e insumos|EQ-CPF|1|129.00|
Pacote de consultas de crédito|Equipamentos e insumos|EQ-CONS|1|189.00|
Seguro viagem|Seguros|SEG-VIAG|1|176.40|
Seguro garantia|Seguros|SEG-GAR|3|2140.00|
Garantia estendida|Seguros|SEG-EXT|1|89.90|
Implantação e treinamento|Planos e serviços|GES-IMP|2|1450.00|Horizonte
"""


@dataclass(frozen=True, slots=True)
class Offer:
    name: str
    family: str
    code: str
    tier: int
    price: Decimal | None
    institutions: tuple[str, ...]


def _read(line: str) -> Offer:
    name, family, code, tier, price, institutions = line.split("|")
    partners = tuple(institutions.split(", ")) if institutions else ()
    return Offer(name, family, code, int(tier), Decimal(price) if price else None, partners)


OFFERS = {offer.name: offer for offer in map(_read, _PRODUCTS.split("\n")[1:-1])}


@dataclass(frozen=True, slots=True)
class Catalogue:
    products: dict[str, Product]
    institutions: dict[str, Institution]


def write_catalogue() -> Catalogue:
    """Names that are there already stay as they are."""
    families = {name: _family(name, *rule) for name, rule in FAMILIES.items()}
    products = {
        offer.name: Product.objects.get_or_create(
            key=folded(offer.name),
            defaults={
                "name": offer.name,
                "family": families[offer.family],
                "code": offer.code,
                "tier": offer.tier,
                "price": offer.price,
            },
        )[0]
        for offer in OFFERS.values()
    }
    names = sorted({name for offer in OFFERS.values() for name in offer.institutions})
    institutions = {
        name: Institution.objects.get_or_create(key=folded(name), defaults={"name": name})[0] for name in names
    }
    return Catalogue(products, institutions)


def _family(name: str, rule: ProductFamily.WindowRule, days: int | None) -> ProductFamily:
    defaults = {"name": name, "window_rule": rule, "window_days": days}
    return ProductFamily.objects.get_or_create(key=folded(name), defaults=defaults)[0]
