"""Drafts of clients: who they are, where they live, how to reach them, and who has looked after them."""

import datetime
import random
from dataclasses import dataclass, field
from itertools import batched

from carteira.demo import cast
from carteira.demo.deals import Customer, History
from carteira.demo.numbers import LETTERS_SINCE, Numbers
from carteira.demo.places import PLACES, Place
from carteira.demo.rhythms import STORIES_OF_COMPANIES, STORIES_OF_PEOPLE
from carteira.demo.staff import FORMER, FORMER_LEFT_DAYS_AGO, SELLERS, SellerPlan
from carteira.demo.stories import Story, newcomer, proposal
from carteira.demo.words import Namer

TOTAL = 1500
PEOPLE_SHARE = 0.55
NEVER_OWNED, ORPHANED, TAKEN_OVER, BRANCHES = 10, 8, 26, 5
TRADES_OF_PEOPLE = {
    "Aposentado ou pensionista": 34, "Servidor estadual ou municipal": 18, "Servidor federal": 8,
    "Empregado CLT": 24, "Autônomo": 16,
}  # fmt: skip
SOURCES = {
    "Indicação": 30, "Site": 14, "WhatsApp": 14, "Loja": 12, "Instagram": 8, "Lista de parceiro": 8,
    "Feira": 5, "Google": 6, "": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spell:
    """`until` empty: still the owner."""

    seller: str
    since: datetime.datetime
    until: datetime.datetime | None
    reason: str
    note: str = ""


@dataclass(slots=True)
class Draft:
    is_company: bool
    name: str
    trade: str
    place: Place
    born: datetime.date | None
    history: History
    created_at: datetime.datetime
    family: str = ""
    trade_name: str = ""
    social_name: str = ""
    document: str = ""
    source: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    plan: SellerPlan | None = None
    spells: list[Spell] = field(default_factory=list)

    @property
    def known_as(self) -> str:
        return self.trade_name or self.name

    def seller_on(self, day: datetime.date) -> str:
        """Who had the client then; before the first spell the first owner, without any nobody."""
        if not self.spells:
            return ""
        return next(
            (spell.seller for spell in self.spells if spell.until is None or day < spell.until.date()),
            self.spells[-1].seller,
        )


class Drafter:
    def __init__(self, rng: random.Random, now: datetime.datetime) -> None:
        self.rng = rng
        self.now = now
        self.today = now.date()
        self.numbers = Numbers(rng)
        self.namer = Namer(rng, {role.name for role in (*cast.COMPANIES, *cast.PEOPLE)})

    def everybody(self) -> list[Draft]:
        """In the order in which they became clients."""
        people = round(TOTAL * PEOPLE_SHARE) - len(cast.PEOPLE)
        companies = TOTAL - people - len(cast.PEOPLE) - len(cast.COMPANIES)
        drafts = [self._from_cast(role) for role in (*cast.COMPANIES, *cast.PEOPLE)]
        drafts += [self._person(story) for story in self._shares(STORIES_OF_PEOPLE, people)]
        drafts += [self._company(story) for story in self._shares(STORIES_OF_COMPANIES, companies)]
        self._branches(drafts)
        drafts.sort(key=lambda draft: draft.created_at)
        self._queue(drafts)
        for draft in drafts:
            if draft.plan and not draft.spells:
                draft.spells = self._spells(draft, draft.plan)
        return drafts

    def _shares(self, weights: dict[Story, float], total: int) -> list[Story]:
        """Each story as often as its weight says, without the luck of a draw."""
        scale = total / sum(weights.values())
        stories = [story for story, weight in weights.items() for _ in range(int(weight * scale))]
        stories += self.rng.choices(list(weights), list(weights.values()), k=total - len(stories))
        self.rng.shuffle(stories)
        return stories

    # --- Who they are -------------------------------------------------------------------------------

    def _person(self, story: Story) -> Draft:
        plan, place = self._somewhere()
        trade = self.rng.choices(list(TRADES_OF_PEOPLE), list(TRADES_OF_PEOPLE.values()))[0]
        age = self.rng.randint(58, 83) if trade.startswith("Aposentado") else self.rng.randint(23, 63)
        born = self.today - datetime.timedelta(days=round(age * 365.25) + self.rng.randrange(365))
        name = self.namer.person(place.uf, born.year)
        draft = self._draft(name.full, trade, place, story, is_company=False)
        if age < 45 and self.rng.random() < 0.008:
            draft.social_name = self.namer.social_name(name, place.uf, born.year)
        draft.born, draft.plan = born, plan
        draft.document = self._maybe_document(draft)
        if self.rng.random() < 0.06:
            draft.born = None
        return draft

    def _company(self, story: Story) -> Draft:
        plan, place = self._somewhere()
        name = self.namer.company(place.uf)
        draft = self._draft(name.legal, name.sector, place, story, is_company=True)
        draft.plan, draft.family, draft.trade_name = plan, name.family, name.trade_name
        draft.born = self._founded(draft.created_at.date())
        draft.document = self._maybe_document(draft)
        if self.rng.random() < 0.15:
            draft.born = None
        return draft

    def _branches(self, drafts: list[Draft]) -> None:
        """A few companies are branches of another client: the same root of the CNPJ."""
        drawn = drafts[len(cast.COMPANIES) :]
        companies = [draft for draft in drawn if draft.is_company and draft.document]
        for branch, parent in batched(self.rng.sample(companies, 2 * BRANCHES), 2, strict=True):
            branch.name = f"{parent.name} (filial {branch.place.city})"
            branch.trade, branch.trade_name, branch.family = parent.trade, "", parent.family
            branch.document = self.numbers.branch_of(parent.document, 2)

    def _from_cast(self, role: cast.Role) -> Draft:
        place = PLACES[role.city]
        draft = self._draft(role.name, role.trade, place, role.story, is_company=not role.born)
        draft.plan = next(plan for plan in SELLERS if role.city in plan.cities.split(", "))
        draft.trade_name, draft.notes, draft.tags = role.trade_name, role.notes, role.tags
        if role.born:
            draft.born = datetime.date(role.born, self.rng.randint(1, 12), self.rng.randint(1, 28))
            draft.document = self.numbers.cpf(place.uf)
        else:
            draft.born = self._founded(draft.created_at.date())
            draft.document = self.numbers.cnpj(draft.born)
        return draft

    def _draft(self, name: str, trade: str, place: Place, story: Story, *, is_company: bool) -> Draft:
        size = self.rng.lognormvariate(0, 0.55 if is_company else 0.3)
        history = story(Customer(self.rng, self.today, is_company, trade, size))
        source = self.rng.choices(list(SOURCES), list(SOURCES.values()))[0]
        created_at = self._entered(history, is_prospect=story in {newcomer, proposal})
        return Draft(is_company, name, trade, place, None, history, created_at, source=source)

    def _somewhere(self) -> tuple[SellerPlan, Place]:
        plan = self.rng.choices(SELLERS, [plan.share for plan in SELLERS])[0]
        places = [PLACES[city] for city in plan.cities.split(", ")]
        return plan, self.rng.choices(places, [place.weight for place in places])[0]

    def _founded(self, known_since: datetime.date) -> datetime.date:
        """Some founded lately: those have letters in their CNPJ."""
        young = known_since >= LETTERS_SINCE and self.rng.random() < 0.35
        years = self.rng.lognormvariate(2.1, 0.75)
        day = known_since - datetime.timedelta(days=round(min(years, 45) * 365) + 40)
        return max(LETTERS_SINCE, known_since - datetime.timedelta(days=self.rng.randint(8, 80))) if young else day

    def _maybe_document(self, draft: Draft) -> str:
        """Who never signed anything has often not told it yet."""
        missing = 0.015 if draft.history.first_day else 0.4
        if self.rng.random() < missing:
            return ""
        assert draft.born is not None  # noqa: S101  (set just before)
        return self.numbers.cnpj(draft.born) if draft.is_company else self.numbers.cpf(draft.place.uf)

    # --- Since when, and with whom ------------------------------------------------------------------

    def _entered(self, history: History, *, is_prospect: bool) -> datetime.datetime:
        first = history.first_day
        if first is None:
            day = self.today - datetime.timedelta(days=self.rng.randint(1, 210))
        else:
            day = first - datetime.timedelta(days=self.rng.randint(1, 60 if is_prospect else 25))
        return self._moment(day)

    def _moment(self, day: datetime.date) -> datetime.datetime:
        """Some minute of a working day, never later than now."""
        if day.weekday() > 4:
            day -= datetime.timedelta(days=day.weekday() - 4)
        at = datetime.time(self.rng.randint(8, 17), self.rng.randrange(60), self.rng.randrange(60))
        moment = datetime.datetime.combine(day, at, tzinfo=self.now.tzinfo)
        return min(moment, self.now - datetime.timedelta(minutes=self.rng.randint(5, 90)))

    def _queue(self, drafts: list[Draft]) -> None:
        """Newcomers nobody has owned yet, and what the seller who left had."""
        fresh = [draft for draft in drafts if not draft.history.first_day]
        for draft in fresh[-NEVER_OWNED:]:
            draft.plan, draft.source = None, self.rng.choice(("Site", "WhatsApp", "Instagram"))
        left = self.today - datetime.timedelta(days=FORMER_LEFT_DAYS_AGO)
        cities = FORMER.cities.split(", ")
        his = [draft for draft in drafts if draft.place.city in cities and draft.created_at.date() < left]
        # Nobody has sold to those that wait in the queue.
        quiet = [draft for draft in his if draft.history.last_day and draft.history.last_day < left]
        for draft in self.rng.sample(quiet, ORPHANED):
            draft.plan, draft.spells = None, [self._with_former(draft, left)]
        for draft in self.rng.sample([draft for draft in his if draft.plan], TAKEN_OVER):
            assert draft.plan is not None  # noqa: S101  (chosen so)
            since = self._moment(left + datetime.timedelta(days=5))
            note = f"Carteira de {FORMER.name}"
            draft.spells = [
                self._with_former(draft, left),
                Spell(draft.plan.name, since, None, "distributed", note),
            ]

    def _with_former(self, draft: Draft, left: datetime.date) -> Spell:
        return Spell(FORMER.name, draft.created_at, self._moment(left), self._first_reason(draft))

    def _spells(self, draft: Draft, plan: SellerPlan) -> list[Spell]:
        joined = self._moment(self.today - datetime.timedelta(days=plan.days))
        reason = self._first_reason(draft)
        if draft.created_at < joined:
            elder = max((one for one in SELLERS if one.team == plan.team), key=lambda one: one.days)
            before = elder if elder.name != plan.name and elder.days > plan.days else FORMER
            moved = joined + datetime.timedelta(days=self.rng.randint(5, 40))
            start = max(draft.created_at, self._moment(self.today - datetime.timedelta(days=before.days)))
            first = Spell(before.name, start, moved, reason)
            return [first, Spell(plan.name, moved, None, "manual", f"Entrada de {plan.name} na equipe")]
        if self.rng.random() < 0.05:
            return self._exchanged(draft, plan, reason)
        return [Spell(plan.name, draft.created_at, None, reason)]

    def _exchanged(self, draft: Draft, plan: SellerPlan, reason: str) -> list[Spell]:
        """Once in a while a client changes hands within the team."""
        colleagues = [one for one in SELLERS if one.team == plan.team and one.name != plan.name]
        age = self.now - draft.created_at
        if not colleagues or age.days < 120:
            return [Spell(plan.name, draft.created_at, None, reason)]
        moved = self._moment((draft.created_at + age * self.rng.uniform(0.3, 0.8)).date())
        note = self.rng.choice(("Pedido do cliente", "Mudou de cidade", "Equilíbrio das carteiras"))
        before = self.rng.choice(colleagues).name
        return [Spell(before, draft.created_at, moved, reason), Spell(plan.name, moved, None, "manual", note)]

    def _first_reason(self, draft: Draft) -> str:
        if draft.source in {"Indicação", "Loja", "Feira"}:
            return "created"
        return "imported" if draft.source in {"Lista de parceiro", ""} else "distributed"
