"""Answers that should be looked at (DOMAIN 4, anti-gaming). Nobody is blocked: what is found is told beside them."""

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from contacts.models import ContactLog
from nps.models import Answer, Flag, NpsSettings

STAFF_DAYS: Final = 30
SAME_DEVICE_HOURS: Final = 24
OTHER_CLIENTS: Final = 2
NEAR: Final = datetime.timedelta(minutes=1)
# Sudden tens: so many on one day, such a share of its answers, so many times the usual number of the days before.
TEN: Final = 10
MANY_TENS: Final = 5
SHARE_OF_TENS: Final = 0.8
TIMES_USUAL: Final = 3
USUAL: Final = datetime.timedelta(days=90)
_HEX: Final = 32


@dataclass(frozen=True)
class Origin:
    """Where an answer came from: keyed hashes of the network address and the browser."""

    network: str = ""
    device: str = ""
    is_company: bool = False


def origin_of(request: HttpRequest) -> Origin:
    """The address as the login knows it; nothing is said where there is none."""
    try:
        ip = get_adapter().get_client_ip(request)
    except PermissionDenied:
        return Origin()
    device = f"{ip}\n{request.headers.get('user-agent', '')}"
    return Origin(network=_keyed("network", ip), device=_keyed("device", device), is_company=_is_company(ip))


def _keyed(what: str, value: str) -> str:
    return salted_hmac(f"nps.gaming.{what}", value, algorithm="sha256").hexdigest()[:_HEX]


def _is_company(ip: str) -> bool:
    """A network of the settings, or an address from which somebody of ours logged in lately."""
    lately = timezone.now() - datetime.timedelta(days=STAFF_DAYS)
    seen = UserSession.objects.filter(ip=ip, last_seen_at__gte=lately)
    return _is_within(ip, NpsSettings.current().networks) or seen.exists()


def _is_within(ip: str, networks: Iterable[str]) -> bool:
    address = ipaddress.ip_address(ip)
    return any(address in network for network in map(_network, networks) if network)


def _network(written: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(written.strip(), strict=False)
    except ValueError:
        return None


def flags_of(answer: Answer, origin: Origin | None) -> list[Flag]:
    """What speaks against the answer, saved or not. What staff wrote down tells nothing of the client's network."""
    from_afar = origin if origin is not None and answer.by_id is None else Origin()
    found = {
        Flag.SAME_DEVICE: _is_same_device(answer, from_afar.device),
        Flag.COMPANY_NETWORK: from_afar.is_company,
        Flag.NEAR_CONTACT: _is_near_contact(answer),
    }
    return [flag for flag, holds in found.items() if holds]


def _is_same_device(answer: Answer, device: str) -> bool:
    """Others answered on it on the same day; who answers twice does so on the own device."""
    if not device or answer.client_id is None:
        return False
    since = _moment(answer) - datetime.timedelta(hours=SAME_DEVICE_HOURS)
    same = Answer.objects.unscoped(reason="answers of one device").filter(
        device=device, answered_on__gte=timezone.localdate(since), answered_at__gte=since
    )
    others = same.exclude(client=answer.client_id).exclude(client=None)
    return others.order_by().values("client").distinct().count() >= OTHER_CLIENTS


def _is_near_contact(answer: Answer) -> bool:
    if answer.client_id is None or answer.owner_id is None:
        return False
    return contacts_before(answer.client_id, answer.owner_id, _moment(answer)).exists()


def contacts_before(client: Any, seller: Any, at: Any) -> QuerySet[ContactLog]:
    """What the seller did with the client, or noted down, in the minute before; takes values or columns of answers."""
    minute = (at - NEAR, at)
    logs = ContactLog.objects.unscoped(reason="contacts of the client who answered")
    mine = logs.filter(client=client, by=seller, undone_at=None)
    return mine.filter(Q(started_at__range=minute) | Q(created_at__range=minute))


def _moment(answer: Answer) -> datetime.datetime:
    return answer.answered_at or timezone.now()


# --- What only a later look can see --------------------------------------------------------------------


def near_contacts(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """Those given within the minute after a contact of the seller."""
    found = contacts_before(OuterRef("client"), OuterRef("owner"), OuterRef("answered_at"))
    return answers.filter(Exists(found))


def sudden_tens(answers: QuerySet[Answer], day: datetime.date) -> QuerySet[Answer]:
    """The tens of the day of sellers who got many more of them than they usually do on a day with answers."""
    by_seller = answers.exclude(owner=None).order_by().values("owner")
    tens = Count("pk", filter=Q(score=TEN))
    today = by_seller.filter(answered_on=day).annotate(tens=tens, total=Count("pk"))
    many = {row["owner"]: row["tens"] for row in today if _are_many(row["tens"], row["total"])}
    before = by_seller.filter(owner__in=many, answered_on__lt=day, answered_on__gte=day - USUAL)
    counted = before.annotate(tens=tens, days=Count("answered_on", distinct=True))
    usual = {row["owner"]: row["tens"] / row["days"] for row in counted}
    sudden = [seller for seller, count in many.items() if count >= TIMES_USUAL * usual.get(seller, 0)]
    return answers.filter(owner__in=sudden, answered_on=day, score=TEN)


def _are_many(tens: int, total: int) -> bool:
    return tens >= MANY_TENS and tens >= SHARE_OF_TENS * total
