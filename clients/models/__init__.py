"""Who the company serves, and who owns them."""

from clients.models.client import Client, ClientQuerySet, ClientSearch, PortfolioClass, Sector, Tag
from clients.models.consent import Channel, Consent, OptOut, Purpose
from clients.models.ownership import DistributionReason, Ownership
from clients.models.people import Address, BelongsToClientQuerySet, ContactPerson, Email, Phone
from clients.models.segment import Segment, SegmentQuerySet

__all__ = [
    "Address",
    "BelongsToClientQuerySet",
    "Channel",
    "Client",
    "ClientQuerySet",
    "ClientSearch",
    "Consent",
    "ContactPerson",
    "DistributionReason",
    "Email",
    "OptOut",
    "Ownership",
    "Phone",
    "PortfolioClass",
    "Purpose",
    "Sector",
    "Segment",
    "SegmentQuerySet",
    "Tag",
]
