"""What clients bought: products, purchases, contracts; and the class that follows from it."""

from contracts.models.classification import (
    ClassChange,
    ClassificationSettings,
    ClassReason,
    ClientCycle,
    RiskBand,
    SectorCycle,
    Tier,
)
from contracts.models.contract import Contract, Institution
from contracts.models.product import Product, ProductFamily
from contracts.models.purchase import Purchase

__all__ = [
    "ClassChange",
    "ClassReason",
    "ClassificationSettings",
    "ClientCycle",
    "Contract",
    "Institution",
    "Product",
    "ProductFamily",
    "Purchase",
    "RiskBand",
    "SectorCycle",
    "Tier",
]
