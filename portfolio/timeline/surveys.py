"""Surveys in the timeline: when the client was asked, what it said, the cases that followed, whom it introduced."""

import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.statements import Later
from core.templatetags.formats import day
from nps import periods
from nps.models import Answer, Case, Group, Invitation, Referral, SurveyChannel
from portfolio.timeline.entry import VISIBLE, Entry, Rank, Reader, Said, Source, View, joined, read_day

TONES: Final = {Group.PROMOTER: "ok", Group.PASSIVE: "", Group.DETRACTOR: "bad"}


def _invitations() -> QuerySet[Any]:
    """Of an anonymous survey too: that somebody was asked says nothing of what they answered."""
    asked = Invitation.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))
    return asked.exclude(state=Invitation.State.WAITING).exclude(channel=SurveyChannel.PHONE)


def _invitation(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    did_fail = said["state"] == Invitation.State.FAILED
    title = _("Pesquisa não chegou por") if did_fail else _("Perguntado por")
    channel = str(SurveyChannel(said["channel"]).label)
    reminded = read_day(said["reminded_on"])
    meta = joined(said["survey"], _("lembrado em %(day)s") % {"day": day(reminded)} if reminded else "")
    tone = "bad" if did_fail else ""
    return Entry(at, Rank.SURVEY, said["pk"], "message-question", title, channel, meta, tone=tone)


def _answers() -> QuerySet[Any]:
    return Answer.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _answer(said: Said, at: datetime.datetime, reader: Reader) -> Entry:
    """A seller reads what was said once the month is over; of whoever is unhappy the case tells at once."""
    by = _("por telefone, anotada por %(name)s") % {"name": said["author"]} if said["author"] else ""
    is_unhappy = said["case"] and said["score"] in Group.DETRACTOR.scores
    if not is_unhappy and not periods.is_told(reader.user, read_day(said["at"]) or reader.now.date()):
        return Entry(at, Rank.ANSWER, said["pk"], "mood-smile", _("Respondeu à pesquisa"), meta=periods.when_told())
    group = Group.of(said["score"])
    left_out = _("não conta: %(why)s") % {"why": said["left_out_why"]} if said["left_out_why"] else ""
    return Entry(
        at,
        Rank.ANSWER,
        said["pk"],
        "mood-smile" if group is Group.PROMOTER else "mood-sad" if group is Group.DETRACTOR else "mood-neutral",
        _("Nota %(score)s:") % {"score": said["score"]},
        strong=str(group.label),
        meta=joined(said["survey"], by, left_out),
        body=said["comment"],
        tone=TONES[group],
    )


def _cases() -> QuerySet[Any]:
    return Case.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _case(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    whose = _("com %(name)s") % {"name": said["assignee"]} if said["assignee"] else ""
    title = _("Caso aberto:")
    state = str(Case.State(said["state"]).label)
    return Entry(at, Rank.CASE, said["pk"], "alert-triangle", title, state, whose, said["action"], "bad", timed=True)


def _referrals() -> QuerySet[Any]:
    return Referral.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _referral(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    return Entry(at, Rank.REFERRAL, said["pk"], "gift", _("Indicou"), said["name"], tone="ok", timed=True)


SOURCES: Final = (
    Source(
        Rank.SURVEY,
        View.CONTACTS,
        _invitations,
        "asked_on",
        {
            **{name: name for name in ("channel", "state", "reminded_on")},
            "survey": "survey__name",
        },
        _invitation,
        is_date=True,
    ),
    Source(
        Rank.ANSWER,
        View.CONTACTS,
        _answers,
        "answered_on",
        {
            **{name: name for name in ("score", "comment", "left_out_why")},
            "survey": "survey__name",
            "author": "by__name",
            "case": "case__pk",
        },
        _answer,
        is_date=True,
    ),
    Source(
        Rank.CASE,
        View.CONTACTS,
        _cases,
        "opened_at",
        {**{name: name for name in ("state", "action")}, "assignee": "assignee__name"},
        _case,
    ),
    Source(Rank.REFERRAL, View.CONTACTS, _referrals, "at", {"name": "name"}, _referral),
)
