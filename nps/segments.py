"""The answers of a series by seller, team, product, state, class and channel."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import PortfolioClass
from nps.models import NpsSettings, SurveyChannel
from nps.models.answer import AnswerQuerySet
from nps.scores import Change, Shown, Tally, change_between, shown, veiled
from nps.series import COUNTS, Series, Window, answers_told, tally_of
from people.models import User
from people.roles import Reach

STAFF: Final = "equipe"


class Dimension(models.TextChoices):
    OWNER = "vendedor", _("Vendedor")
    TEAM = "equipe", _("Equipe")
    PRODUCT = "produto", _("Produto")
    UF = "uf", _("UF")
    CLASS = "carteira", _("Carteira")
    CHANNEL = "canal", _("Canal")


_CHANNELS: Final[dict[str, str | Promise]] = {**dict(SurveyChannel.choices), STAFF: _("Anotada pela equipe")}
# The field of each group, where its name stands, and what is said of those that have none.
_GROUPED: Final[dict[str, tuple[str, str, Any]]] = {
    Dimension.OWNER: ("owner", "owner__name", _("Sem responsável")),
    Dimension.TEAM: ("team", "team__name", _("Sem equipe")),
    Dimension.PRODUCT: ("product", "product__name", _("Sem produto")),
    Dimension.UF: ("uf", "uf", _("Sem UF")),
    Dimension.CLASS: ("portfolio_class", "portfolio_class", ""),
}
_BY_CHANNEL: Final = Case(When(by__isnull=False, then=Value(STAFF)), default=F("channel"))


class Segment(NamedTuple):
    """One row of a table of groups. `against` is how it stands to all the others together."""

    key: str
    label: str
    score: Shown
    against: Change


def dimensions_for(user: User) -> list[Dimension]:
    """A seller is one owner and one team."""
    own = {Dimension.OWNER, Dimension.TEAM} if user.reach is Reach.OWN else set()
    return [dimension for dimension in Dimension if dimension not in own]


def segments(
    user: User, series: Series, window: Window, dimension: Dimension, *, settings: NpsSettings
) -> list[Segment]:
    """The largest first: in small ones the score is mostly chance."""
    told = answers_told(user, series).filter(answered_on__gte=window.first, answered_on__lte=window.last)
    counted = told.filter(left_out_by=None)
    rows = sorted(_grouped(counted, dimension), key=lambda row: (-row[2].total, row[1]))
    scores = [shown(tally, settings, is_anonymous=series.is_anonymous) for _key, _label, tally in rows]
    if series.is_anonymous:
        scores = veiled(scores)
    whole = sum((tally for _key, _label, tally in rows), Tally())
    others = [shown(whole - tally, settings, is_anonymous=series.is_anonymous) for _key, _label, tally in rows]
    return [
        Segment(key, label, score, change_between(rest, score))
        for (key, label, _tally), score, rest in zip(rows, scores, others, strict=True)
    ]


def _grouped(answers: AnswerQuerySet, dimension: Dimension) -> Iterable[tuple[str, str, Tally]]:
    if dimension is Dimension.CHANNEL:
        rows = answers.order_by().values(key=_BY_CHANNEL, label=_BY_CHANNEL)
    else:
        field, name, _nobody = _GROUPED[dimension]
        rows = answers.order_by().values(key=Cast(field, CharField()), label=F(name))
    return [(row["key"] or "", _label(dimension, row["label"]), tally_of(row)) for row in rows.annotate(**COUNTS)]


def _label(dimension: Dimension, name: str | None) -> str:
    if dimension is Dimension.CHANNEL:
        return str(_CHANNELS.get(name or "", ""))
    if dimension is Dimension.CLASS:
        return str(dict(PortfolioClass.choices).get(name or "", ""))
    return name or str(_GROUPED[dimension][2])


def label_of(answers: AnswerQuerySet, dimension: Dimension, key: str) -> str:
    """The name of a row, read from its answers: "" where there are none."""
    if dimension is Dimension.CHANNEL:
        return _label(dimension, key)
    names = answers.order_by().values_list(_GROUPED[dimension][1], flat=True)[:1]
    return "".join(_label(dimension, name) for name in names)


def in_segment(dimension: Dimension, key: str) -> Q:
    """The answers of a row; of none where the key is none of ours."""
    if dimension is Dimension.CHANNEL:
        return Q(by__isnull=False) if key == STAFF else Q(channel=key, by=None)
    field = _GROUPED[dimension][0]
    if dimension in {Dimension.UF, Dimension.CLASS}:
        return Q(**{field: key})
    if not key:
        return Q(**{f"{field}__isnull": True})
    return Q(**{field: int(key)}) if key.isascii() and key.isdecimal() and len(key) < 10 else Q(pk__in=[])
