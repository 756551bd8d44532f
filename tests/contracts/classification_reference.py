"""The rule of SCIENCE 1.5 and 2 in plain Python, written from its words and apart from the SQL, to check against."""

import calendar
import datetime
import math
from dataclasses import dataclass, field

DAY = datetime.timedelta(days=1)


@dataclass
class Bought:
    on: datetime.date
    completed: bool = True
    amount: int = 100
    fixed: int | None = None


@dataclass
class Agreed:
    start: datetime.date
    end: datetime.date | None
    status: str = "in_force"
    signed: datetime.date | None = None
    cancelled: datetime.date | None = None
    will_not_renew: bool = False
    window: int | None = None
    family_rule: str = "days"
    family_window: int | None = None
    fixed: int | None = None
    months: int | None = None
    first_due: datetime.date | None = None
    renews: "Agreed | None" = None
    amount: int | None = None
    created: datetime.date = datetime.date(2000, 1, 1)


@dataclass
class History:
    bought: list[Bought] = field(default_factory=list)
    agreed: list[Agreed] = field(default_factory=list)
    sector: int | None = None


@dataclass
class Judged:
    klass: str
    reason: str
    x: int
    last: datetime.date | None = None
    t_x: int | None = None
    recency: int | None = None
    c: float | None = None
    limit: float | None = None
    p: float | None = None


def months_after(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of(deal: Agreed) -> datetime.date | None:
    if deal.end or not deal.months:
        return deal.end
    return months_after(deal.start, deal.months) - DAY


def is_binding(deal: Agreed, day: datetime.date) -> bool:
    if deal.status not in {"signed", "in_force", "cancelled"}:
        return False
    return (deal.signed or min(deal.start, deal.created)) <= day


def cancellation(deal: Agreed, day: datetime.date, known: datetime.date) -> datetime.date | None:
    """A cancellation carried out between the day asked for and today was unknown on that day."""
    if deal.status == "cancelled" and deal.cancelled and day < deal.cancelled <= known:
        return None
    return deal.cancelled


def purchase_days(history: History, day: datetime.date, known: datetime.date) -> list[datetime.date]:
    days = {sale.on for sale in history.bought if sale.completed and sale.on <= day}
    for deal in history.agreed:
        gone = cancellation(deal, day, known)
        never_began = gone is not None and gone <= day and gone <= deal.start
        if deal.status in {"signed", "in_force", "cancelled"} and not never_began:
            signature = deal.signed or deal.start
            if signature <= day:
                days.add(signature)
    return sorted(days)


def is_open(deal: Agreed, day: datetime.date) -> bool:
    """The lower edge of the window: −30 ≤ end − D ≤ W, or the rule of consignado."""
    end = end_of(deal)
    assert end is not None
    if deal.family_rule == "never":
        return False
    if deal.family_rule == "consignado":
        first = deal.first_due or months_after(deal.start, 1)
        total = deal.months or sum(months_after(first, step) <= end for step in range(1200)) or 1
        dues = [months_after(first, step) for step in range(total)]
        paid = sum(due <= day for due in dues)
        return (paid * 5 >= total and paid >= 12) or (dues[-1] - day).days <= 90
    term = (end - deal.start).days + 1
    window = next(days for days in (deal.window, deal.family_window, 60) if days is not None)
    return (end - day).days <= min(window, max(7, term // 4))


def contract_reason(history: History, day: datetime.date, known: datetime.date) -> str:
    bound = [deal for deal in history.agreed if is_binding(deal, day)]
    gone = {id(deal): cancellation(deal, day, known) for deal in bound}
    alive = [deal for deal in bound if gone[id(deal)] is None or gone[id(deal)] > day]  # type: ignore[operator]
    renewable = []
    for deal in bound:
        end = end_of(deal)
        succeeded = any(other.renews is deal for other in alive)
        if end and deal.start <= day and gone[id(deal)] is None and not deal.will_not_renew and not succeeded:
            if (end - day).days >= -30 and is_open(deal, day):
                renewable.append(end)
    if renewable:
        return "CONTRATO_A_VENCER" if min(renewable) >= day else "CONTRATO_VENCIDO_NA_CARENCIA"
    valid = [deal for deal in alive if deal.start <= day and (end_of(deal) or day) >= day]
    if valid and all(gone[id(deal)] for deal in valid):
        return "CANCELAMENTO_AGENDADO"
    if valid and all(gone[id(deal)] or deal.will_not_renew for deal in valid):
        return "VIGENTE_SEM_RENOVACAO"
    if valid:
        return "CONTRATO_VIGENTE"
    return "CONTRATO_ASSINADO_FUTURO" if any(deal.start > day for deal in alive) else ""


def fixed_limit(history: History, last: datetime.date, day: datetime.date, known: datetime.date) -> int | None:
    found = [sale.fixed for sale in history.bought if sale.completed and sale.on == last and sale.fixed]
    for deal in history.agreed:
        alone = History(agreed=[deal])
        if purchase_days(alone, day, known) == [last] and deal.fixed:
            found.append(deal.fixed)
    return max(found) if found else None


def judge(
    history: History,
    day: datetime.date,
    m: float,
    *,
    known: datetime.date | None = None,
    before: tuple[str, datetime.date | None] = ("prospect", None),
) -> Judged:
    known = max(day, known or day)
    days = purchase_days(history, day, known)
    found = Judged("prospect", "SEM_COMPRA", len(days) - 1)
    if days:
        found = measured(history, days, day, m, known)
    reason = contract_reason(history, day, known) or own_reason(history, found, day, before)
    found.reason = reason
    if reason in {"CONTRATO_A_VENCER", "CONTRATO_VENCIDO_NA_CARENCIA"}:
        found.klass = "renewal"
    elif reason in {"CONTRATO_ENCERRADO", "FORA_DO_CICLO", "SEM_NOVO_EVENTO"}:
        found.klass = "inactive"
    elif reason != "SEM_COMPRA":
        found.klass = "active"
    return found


def own_reason(history: History, found: Judged, day: datetime.date, before: tuple[str, datetime.date | None]) -> str:
    if found.last is None or found.recency is None or found.limit is None:
        return "SEM_COMPRA"
    if not any(sale.completed and sale.on <= day for sale in history.bought):
        return "CONTRATO_ENCERRADO"
    if found.recency > found.limit:
        return "FORA_DO_CICLO"
    if before[0] == "inactive" and before[1] is not None and found.last <= before[1]:
        return "SEM_NOVO_EVENTO"
    return "DENTRO_DO_CICLO"


def measured(history: History, days: list[datetime.date], day: datetime.date, m: float, known: datetime.date) -> Judged:
    x, first, last = len(days) - 1, days[0], days[-1]
    t_x, age, recency = (last - first).days, (day - first).days, (day - last).days
    c = (t_x + 2 * m) / (x + 2)
    fixed = fixed_limit(history, last, day, known)
    limit = float(fixed) if fixed else min(max(2 * c, 30.0), 730.0)
    alive = 1 / (1 + 0.25 / (1.75 + x) * ((1.4 * m + age) / (1.4 * m + t_x)) ** (0.8 + x))
    p = alive * (1 - ((1.4 * m + age) / (1.4 * m + age + limit)) ** (0.8 + x))
    assert math.isfinite(p)
    return Judged("", "", x, last, t_x, recency, c, limit, p)


def means(histories: list[History], day: datetime.date, known: datetime.date) -> tuple[float, dict[int, float]]:
    """m of the company and of each sector, after every fall back."""
    closed: dict[int | None, list[int]] = {None: [0, 0]}
    for history in histories:
        days = purchase_days(history, day, known)
        if len(days) > 1:
            for group in {None, history.sector}:
                sums = closed.setdefault(group, [0, 0])
                sums[0] += len(days) - 1
                sums[1] += (days[-1] - days[0]).days
    company = closed[None][1] / closed[None][0] if closed[None][0] >= 30 else 90.0
    sectors = {history.sector for history in histories if history.sector is not None}
    own = {sector: closed.get(sector, [0, 0]) for sector in sectors}
    return company, {sector: days / gaps if gaps >= 30 else company for sector, (gaps, days) in own.items()}
