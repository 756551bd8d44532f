"""What a report or a list of answers is asked for, in the address; and why an answer is left out."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.forms import PartForm
from core.templatetags.formats import day as short_day
from nps.comments import Narrowing
from nps.models import Group, Survey
from nps.segments import Dimension, dimensions_for
from nps.series import Series, Window
from people.models import User

type Options = Sequence[tuple[str, str | Promise]]

KINDS: Final[dict[str, str | Promise]] = {
    Survey.Kind.RELATIONAL: _("Relacional"),
    Survey.Kind.SALE: _("Depois de uma venda"),
    Survey.Kind.SERVICE: _("Depois de um atendimento"),
}
ROLLING, YEAR = "90", "12m"
FLAGGED, LEFT_OUT = "conferir", "fora"


_SMALL_FIELD: Final = "form-control form-control-sm"


def _select(label: Any) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": label})
    return forms.ChoiceField(label=label, widget=widget)


@dataclass(frozen=True)
class Period:
    window: Window
    newest: datetime.date
    today: datetime.date

    def __str__(self) -> str:
        """As it ends a sentence: "em 90 dias", "em outubro de 2026"."""
        if self.window == Window.rolling(self.newest):
            if self.newest == self.today:
                return _now("em 90 dias")
            return _now("nos 90 dias até %(day)s") % {"day": short_day(self.newest)}
        if self.window == Window.of_year(self.newest):
            return _now("em 12 meses")
        return _now("em %(month)s") % {"month": date_format(self.window.first, "F \\d\\e Y")}


class LenientForm(forms.Form):
    """In the place of what is missing or unknown in the address stands the first choice: an old link still opens."""

    def __init__(self, asked: QueryDict, choices: dict[str, Options]) -> None:
        chosen = {}
        for name, options in choices.items():
            words = [word for word, _label in options]
            word = asked.get(name, "")
            chosen[name] = word if word in words else next(iter(words), "")
        super().__init__({**asked.dict(), **chosen})
        for name, options in choices.items():
            cast(Any, self.fields[name]).choices = options


class ReportForm(LenientForm):
    serie = _select(_("Pesquisa"))
    periodo = _select(_("Período"))
    por = _select(_("Separar por"))

    def __init__(self, asked: QueryDict, *, user: User, newest: datetime.date, today: datetime.date) -> None:
        self.surveys = list(Survey.objects.all())
        self.newest, self.today = newest, today
        choices = {"serie": _series_words(self.surveys), "periodo": _periods(newest)}
        super().__init__(asked, {**choices, **self.more_choices(user)})

    def more_choices(self, user: User) -> dict[str, Options]:
        return {"por": [(one.value, one.label) for one in dimensions_for(user)]}

    @property
    def series(self) -> Series:
        word = self["serie"].value()
        return Series(tuple(survey for survey in self.surveys if word in {survey.kind, str(survey.pk)}))

    @property
    def period(self) -> Period:
        word = self["periodo"].value()
        if word == ROLLING:
            window = Window.rolling(self.newest)
        elif word == YEAR:
            window = Window.of_year(self.newest)
        else:
            month = Window.of_month(datetime.date.fromisoformat(f"{word}-01"))
            window = Window(month.first, min(month.last, self.newest))
        return Period(window, self.newest, self.today)

    @property
    def dimension(self) -> Dimension:
        return Dimension(self["por"].value())


class ListForm(ReportForm):
    """`recorte` is a row of the report, as "vendedor:12"; it comes by a link alone."""

    por = None  # type: ignore[assignment]
    grupo = _select(_("Notas"))
    so = _select(_("Quais"))
    tema = forms.CharField(
        label=_("Palavra do comentário"),
        required=False,
        widget=forms.SearchInput(attrs={"class": _SMALL_FIELD, "placeholder": _("Palavra do comentário")}),
    )
    recorte = forms.CharField(required=False, widget=forms.HiddenInput)

    def more_choices(self, user: User) -> dict[str, Options]:
        groups = {Group.PROMOTER: _("Promotores"), Group.PASSIVE: _("Neutros"), Group.DETRACTOR: _("Detratores")}
        self.dimensions = dimensions_for(user)
        return {
            "grupo": [("", _("Todas as notas")), *((group.value, label) for group, label in groups.items())],
            "so": [("", _("Todas as respostas")), (FLAGGED, _("Só para conferir")), (LEFT_OUT, _("Só fora da nota"))],
        }

    @property
    def narrowing(self) -> Narrowing:
        name, _colon, key = (self["recorte"].value() or "").partition(":")
        group = self["grupo"].value()
        return Narrowing(
            group=Group(group) if group else None,
            words=" ".join((self["tema"].value() or "").split())[:80],
            only_flagged=self["so"].value() == FLAGGED,
            only_left_out=self["so"].value() == LEFT_OUT,
            dimension=Dimension(name) if name in self.dimensions else None,
            # No column holds that character, and the server refuses to look for it.
            key=key.replace("\x00", ""),
        )


class LeaveOutForm(PartForm):
    why = forms.CharField(
        label=_("Motivo"),
        max_length=200,
        help_text=_("Fica ao lado da resposta, por exemplo: respondida pelo vendedor."),
    )


def _series_words(surveys: Sequence[Survey]) -> Options:
    """Kinds first; of a kind with several surveys each one too."""
    words: list[tuple[str, str | Promise]] = []
    for kind, label in KINDS.items():
        same = [survey for survey in surveys if survey.kind == kind]
        if same:
            words.append((kind, label))
        if len(same) > 1:
            words += [(str(survey.pk), survey.name) for survey in same]
    return words


def _periods(newest: datetime.date) -> Options:
    months: list[tuple[str, str | Promise]] = []
    month = newest.replace(day=1)
    for _number in range(12):
        months.append((f"{month:%Y-%m}", date_format(month, "F \\d\\e Y").capitalize()))
        month = (month - datetime.timedelta(days=1)).replace(day=1)
    return [(ROLLING, _("90 dias")), (YEAR, _("12 meses")), *months]


def kept_words(asked: QueryDict) -> str:
    """The same series and period in the address of another list."""
    return urlencode({name: value for name in ("serie", "periodo") if (value := asked.get(name))})
