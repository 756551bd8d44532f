"""The reasons of the day in words: chips, sentences whose numbers are the stored ones, and what to say (SCIENCE 7)."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import ngettext

from contracts.reasons import Chip, days, nearest, whole, written
from core.phrases import gettext as _
from core.phrases import kept_per_language
from core.templatetags.formats import grouped
from portfolio.agenda import Candidate, Facts, Part

WORDS_LENGTH: Final = 400
type Stored = dict[str, Any]


def stored_parts(candidate: Candidate) -> list[Stored]:
    """The parts as they are kept: code, points, days, the other numbers of the sentence, and the sentence."""
    facts = candidate.facts
    kept = [_stored(part, facts) for part in candidate.parts]
    if facts.promise is not None:
        kept.insert(0, _promised(facts))
    return kept


def _stored(part: Part, facts: Facts) -> Stored:
    numbers = NUMBERS[part.code](facts) if part.code in NUMBERS else {}
    said = {"code": part.code, "points": part.points, "days": part.days, **numbers}
    return {**said, "text": SENTENCES[part.code](said, facts)}


def was_tried(parts: Sequence[Stored]) -> bool:
    """A promise that somebody tried to keep today."""
    return any(part.get("tried") for part in parts)


# --- Sentences ------------------------------------------------------------------------------------------------


def _promised(facts: Facts) -> Stored:
    promise = facts.promise
    assert promise is not None  # noqa: S101  asked by the caller
    late = (facts.on - promise.due_on).days
    said: Stored = {"code": "callback" if promise.is_callback else "task", "points": 0, "days": late}
    if promise.was_tried:
        said["tried"] = True
    what = {"day": written(promise.due_on), "days": days(late), "title": promise.title.rstrip(".")}
    today = _("Combinado para hoje: %(title)s.") % what
    return {**said, "text": _("Combinado para %(day)s, há %(days)s: %(title)s.") % what if late else today}


def _renewal(said: Stored, facts: Facts) -> str:
    what = {"what": facts.product or _("O contrato"), "days": days(abs(said["days"])), "day": written(facts.anchor_on)}
    if said["days"] < 0:
        return _("%(what)s venceu há %(days)s (%(day)s) e ainda pode ser renovado.") % what
    if said["days"] == 0:
        return _("%(what)s vence hoje (%(day)s).") % what
    return _("%(what)s vence em %(days)s (%(day)s).") % what


def _risk(said: Stored, _facts: Facts) -> str:
    return _(
        "Costuma comprar a cada %(cycle)s; está há %(days)s sem comprar. "
        "Chance de comprar nos próximos %(limit)s: %(chance)s\u00a0%%."
    ) % {
        "cycle": days(said["cycle"]),
        "days": days(said["days"]),
        "limit": days(said["limit"]),
        "chance": said["chance"],
    }


def _inactive(said: Stored, _facts: Facts) -> str:
    return _("Está há %(days)s sem comprar; chance de ainda ser cliente: %(chance)s\u00a0%%.") % {
        "days": days(said["days"]),
        "chance": said["chance"],
    }


def _plan(said: Stored, facts: Facts) -> str:
    what = {
        "plan": facts.plan.plan if facts.plan else "",
        "title": facts.plan.title if facts.plan else "",
        "days": days(said["days"]),
    }
    if said["days"]:
        return _("%(plan)s, atrasado %(days)s: %(title)s.") % what
    return _("%(plan)s, hoje: %(title)s.") % what


def _interval(said: Stored, _facts: Facts) -> str:
    what = {"every": days(said["every"]), "days": days(said["days"])}
    if said["days"]:
        return _("A faixa pede uma conversa a cada %(every)s; o dia passou há %(days)s.") % what
    return _("A faixa pede uma conversa a cada %(every)s: é hoje.") % what


def _unspoken(said: Stored, _facts: Facts) -> str:
    return _("Ainda sem conversa registrada; a faixa pede uma a cada %(every)s.") % {"every": days(said["every"])}


def _birthday(said: Stored, facts: Facts) -> str:
    years = ngettext("%(years)s ano", "%(years)s anos", said["days"]) % {"years": said["days"]}
    if facts.is_company:
        return _("A empresa faz %(years)s hoje.") % {"years": years}
    return _("Faz %(years)s hoje.") % {"years": years}


SENTENCES: Final[Mapping[str, Callable[[Stored, Facts], str]]] = {
    "renewal": _renewal,
    "risk": _risk,
    "inactive": _inactive,
    "plan": _plan,
    "interval": _interval,
    "unspoken": _unspoken,
    "birthday": _birthday,
}
# Numbers that a sentence names beside its days, kept as they are said.
NUMBERS: Final[Mapping[str, Callable[[Facts], Stored]]] = {
    "risk": lambda facts: {
        "cycle": nearest(facts.cycle or 0),
        "limit": nearest(facts.limit or 0),
        "chance": nearest(100 * (facts.p_buys or 0)),
    },
    "inactive": lambda facts: {"chance": nearest(100 * (facts.p_alive or 0))},
    "interval": lambda facts: {"every": facts.plan.interval if facts.plan else 0},
    "unspoken": lambda facts: {"every": facts.plan.interval if facts.plan else 0},
}


# --- What to say ------------------------------------------------------------------------------------------------


def words_for(candidate: Candidate) -> str:
    """One sentence for the largest reason; a promise and a plan bring their own."""
    facts = candidate.facts
    if facts.promise is not None:
        return _("Retome o que ficou combinado: %(title)s.") % {"title": facts.promise.title.rstrip(".")}
    main = candidate.parts[0]
    return OPENINGS[main.code](main, facts)[:WORDS_LENGTH]


def _renew(part: Part, facts: Facts) -> str:
    what = {"what": facts.product or _("o contrato"), "day": written(facts.anchor_on)}
    if part.days < 0:
        return _("Ofereça renovar %(what)s agora: ainda está no prazo.") % what
    return _("Pergunte o que mudou e ofereça renovar %(what)s antes de %(day)s.") % what


def _follow(_part: Part, facts: Facts) -> str:
    return f"{facts.plan.title.rstrip('.')}." if facts.plan else ""


OPENINGS: Final[Mapping[str, Callable[[Part, Facts], str]]] = {
    "renewal": _renew,
    "risk": lambda _part, _facts: _("Pergunte como foi a última compra e o que falta para a próxima."),
    "inactive": lambda _part, _facts: _("Pergunte o que mudou desde a última compra e traga uma novidade."),
    "plan": _follow,
    "interval": lambda _part, _facts: _("Retome a última conversa e pergunte como vão as coisas."),
    "unspoken": lambda _part, _facts: _("Apresente-se, pergunte como vão as coisas e confirme o cadastro."),
    "birthday": lambda _part, _facts: _("Deseje feliz aniversário, sem oferta."),
}


# Which template of words fits a reason.
OCCASIONS: Final = {"renewal": "renewal", "inactive": "reactivation", "birthday": "birthday", "callback": "callback"}


def occasion_of(parts: Sequence[Stored]) -> str:
    return next((OCCASIONS[part["code"]] for part in parts if part["code"] in OCCASIONS), "")


# --- Chips ------------------------------------------------------------------------------------------------------


def chips_of(parts: Sequence[Stored]) -> list[Chip]:
    return [_chip(part["code"], part["days"]) for part in parts if part["code"] in CHIPS]


@kept_per_language
def _chip(code: str, number: int) -> Chip:
    return CHIPS[code](number)


def _on_its_day(label: str, late: int) -> Chip:
    if late > 0:
        return Chip("danger", "clock", _("Atrasado"), days(late))
    return Chip("ativa", "calendar", label, _("hoje"))


def _ending(left: int) -> Chip:
    if left < 0:
        return Chip("renova", "refresh", _("Venceu"), days(-left))
    return Chip("renova", "refresh", _("Renovação"), days(left) if left else _("hoje"))


CHIPS: Final[Mapping[str, Callable[[int], Chip]]] = {
    "callback": lambda late: _on_its_day(_("Retorno"), late),
    "task": lambda late: _on_its_day(_("Tarefa"), late),
    "renewal": _ending,
    "risk": lambda ago: Chip("danger", "trending-down", _("Em risco"), days(ago)),
    "inactive": lambda ago: Chip("inativa", "history", _("Inativo"), days(ago)),
    "plan": lambda late: _on_its_day(_("Contato do plano"), late),
    "interval": lambda late: _on_its_day(_("Conversa"), late),
    "unspoken": lambda _late: Chip("prosp", "phone", _("Sem conversa"), ""),
    "birthday": lambda _years: Chip("rosa", "cake", _("Aniversário"), _("hoje")),
}


# --- The sum, for the hint -----------------------------------------------------------------------------------------


def sum_of(parts: Sequence[Stored], *, points: float, factor: float) -> str:
    """Every reason with its points and how they make the sum, one line each."""
    lines = [
        _("%(points)s pontos · %(text)s") % {"points": number(part["points"]), "text": part["text"]}
        if part["points"]
        else str(part["text"])
        for part in parts
    ]
    if points:
        said = {"factor": number(factor, 2), "points": number(points)}
        lines.append(_("O maior mais ¼ dos outros, vezes %(factor)s pelo valor e pelos dias: %(points)s.") % said)
    return "\n".join(lines)


@kept_per_language
def number(value: float, places: int = 1) -> str:
    return grouped(float(value), places).removesuffix(",0")


# --- Why it did not fit ---------------------------------------------------------------------------------------------


def resting(facts: Facts) -> str:
    if facts.tried_today:
        return _("Contatado hoje")
    ago = (facts.on - facts.rested_on).days if facts.rested_on else 0
    return _("Contatado há %(days)s") % {"days": days(ago)}


def put_off(until: datetime.date) -> str:
    return _("Adiado até %(day)s") % {"day": f"{until:%d/%m}"}


def too_long(minutes: int) -> str:
    if not minutes:
        return _("O dia já tem todos os contatos que cabem")
    return ngettext("Faltou %(count)s min", "Faltaram %(count)s min", minutes) % {"count": whole(minutes)}


def no_hours() -> str:
    return _("Hoje não há horas de contato")


def unreachable() -> str:
    return _("Sem telefone nem e-mail para este contato")
