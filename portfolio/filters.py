"""What the list of the carteira can be narrowed by. The class is a tab, the search is posted: not here."""

import datetime
from collections.abc import Iterable
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brazil.phones import DDDS_BY_UF
from clients.models import Client, ClientQuerySet, Sector, Tag
from clients.models.client import PersonType
from contracts import classification
from contracts.models import Contract, Product, Purchase, RiskBand, Tier
from contracts.validity import in_force_on
from core.templatetags.formats import day
from nps.models import Group
from people.models import Team, TeamReach, User
from people.visibility import sight_of, visible_people
from portfolio import coverage, risk, satisfaction

UFS = [(uf, uf) for uf in sorted(DDDS_BY_UF)]
DUE_DAYS = [(str(days), format_lazy(_("até {days} dias"), days=days)) for days in (7, 15, 30, 60, 90)]
CONTACT = [("overdue", _("atrasado")), ("month", _("falta no mês"))]
ANY = _("Todos")
YES = [("1", _("sim"))]


def sees_colleagues(user: User) -> bool:
    """Whether the user's sight holds clients of somebody else."""
    sight = sight_of(user)
    return sight.everyone or bool(sight.team_ids) or len(sight.owner_ids) > 1


def people_to_choose(request: HttpRequest | None) -> QuerySet[User]:
    user = _user_of(request)
    return User.objects.filter(visible_people(user)) if user else User.objects.none()


def teams_to_choose(request: HttpRequest | None) -> QuerySet[Team]:
    user = _user_of(request)
    if user is None:
        return Team.objects.none()
    sight = sight_of(user)
    return Team.objects.all() if sight.everyone else Team.objects.filter(pk__in=sight.team_ids)


def _user_of(request: HttpRequest | None) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def chosen(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Without the choice that means none."""
    return [choice for choice in choices if choice[0]]


def choice_filter(label: Any, choices: Any, **extra: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(label=label, choices=choices, empty_label=ANY, **extra)


def model_filter(label: Any, queryset: Any, **extra: Any) -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(label=label, queryset=queryset, empty_label=ANY, **extra)


def date_filter(label: Any, **extra: Any) -> django_filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return django_filters.DateFilter(label=label, widget=widget, **extra)


class ClientFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    owner = model_filter(_("Responsável"), people_to_choose)
    ownerless = choice_filter(_("Sem responsável"), YES, method="filter_ownerless")
    team = model_filter(_("Equipe"), teams_to_choose, method="filter_team")
    uf = choice_filter(_("UF"), UFS)
    sector = model_filter(_("Setor"), Sector.objects.all())
    type = choice_filter(_("Tipo"), PersonType.choices, field_name="person_type")
    tag = model_filter(_("Etiqueta"), Tag.objects.all(), method="filter_tag")
    tier = choice_filter(_("Classe"), chosen(Tier.choices), field_name="cycle__tier")
    risk = choice_filter(_("Risco"), chosen(RiskBand.choices), method="filter_risk")
    nps = choice_filter(_("Pesquisa"), Group.choices, method="filter_nps")
    product = model_filter(_("Tem o produto"), Product.objects.all(), method="filter_product")
    due = choice_filter(_("Vence em"), DUE_DAYS, method="filter_due")
    contact = choice_filter(_("Contato"), CONTACT, method="filter_contact")
    changes_until = date_filter(_("Muda até"), method="filter_changes_until")
    since_from = date_filter(_("Na carteira desde"), field_name="class_since", lookup_expr="gte")
    since_to = date_filter(_("Na carteira até"), field_name="class_since", lookup_expr="lte")

    LEADERS_ONLY = ("owner", "ownerless", "team")

    class Meta:
        model = Client
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, queryset: ClientQuerySet, *, request: HttpRequest, whole: bool = True) -> None:
        """Without `whole` only the filters in use are made ready: all of them cost more than reading a page."""
        user = cast(User, request.user)
        barred = () if sees_colleagues(user) else self.LEADERS_ONLY
        # FilterSet copies its filters from here; on the class they stay whole.
        self.__dict__["base_filters"] = {
            name: item
            for name, item in type(self).base_filters.items()
            if name not in barred and (whole or data.get(name))
        }
        super().__init__(data, queryset, request=request)

    def filter_ownerless(self, queryset: ClientQuerySet, _name: str, _value: str) -> ClientQuerySet:
        return queryset.ownerless()

    def filter_team(self, queryset: ClientQuerySet, _name: str, team: Team) -> ClientQuerySet:
        return queryset.filter(team__in=TeamReach.objects.filter(above=team).values("below"))

    # Sets of ids rather than a question per client: the rarer the answer, the dearer it is to ask everyone.

    def filter_tag(self, queryset: ClientQuerySet, _name: str, tag: Tag) -> ClientQuerySet:
        return queryset.filter(pk__in=Client.tags.through.objects.filter(tag=tag).values("client"))

    def filter_product(self, queryset: ClientQuerySet, _name: str, product: Product) -> ClientQuerySet:
        user = self.request.user
        contracts = Contract.objects.visible_to(user).filter(in_force_on(timezone.localdate()), product=product)
        bought = Purchase.objects.visible_to(user).filter(product=product, status=Purchase.Status.COMPLETED)
        return queryset.filter(Q(pk__in=contracts.values("client")) | Q(pk__in=bought.values("client")))

    def filter_risk(self, queryset: ClientQuerySet, _name: str, band: str) -> ClientQuerySet:
        return queryset.filter(risk.in_band(band, on=timezone.localdate()))

    def filter_nps(self, queryset: ClientQuerySet, _name: str, group: str) -> ClientQuerySet:
        return queryset.filter(pk__in=satisfaction.last_said(group, told_to=self.request.user))

    def filter_due(self, queryset: ClientQuerySet, _name: str, days: str) -> ClientQuerySet:
        today = timezone.localdate()
        ending = Contract.objects.visible_to(self.request.user).filter(
            in_force_on(today), end_on__lte=today + datetime.timedelta(days=int(days))
        )
        return queryset.filter(pk__in=ending.values("client"))

    def filter_contact(self, queryset: ClientQuerySet, _name: str, which: str) -> ClientQuerySet:
        among = coverage.overdue_among if which == "overdue" else coverage.uncovered_among
        return cast(ClientQuerySet, among(queryset, timezone.localdate()))

    def filter_changes_until(self, queryset: ClientQuerySet, _name: str, limit: datetime.date) -> ClientQuerySet:
        computed: Any = classification.with_numbers(queryset, on=timezone.localdate())
        return cast(ClientQuerySet, computed.filter(next_change_on__lte=limit))

    def active(self) -> list[tuple[str, str, str]]:
        """(name in the address, label, value in words) of each filter in force."""
        if not self.filters or (not self.form.is_valid() and not self.form.cleaned_data):
            return []
        values = self.form.cleaned_data
        return [
            (name, str(item.label), self._in_words(name, values[name]))
            for name, item in self.filters.items()
            if values.get(name) not in (None, "")
        ]

    def _in_words(self, name: str, value: object) -> str:
        if isinstance(value, datetime.date):
            return day(value)
        choices = dict(getattr(self.form.fields[name], "choices", ())) if isinstance(value, str) else {}
        return str(choices.get(value, value))
