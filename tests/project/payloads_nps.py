"""What a person would send to the addresses of surveys: see tests/project/payloads.py."""

import itertools
from typing import Any

from nps.models import RootCause
from tests.project.world import World

_numbers = itertools.count(1)


def _survey() -> dict[str, Any]:
    return {
        "name": f"Pesquisa nova {next(_numbers)}",
        "kind": "relational",
        "question": "De 0 a 10, quanto recomendaria?",
        "reason_question": "Por quê?",
        "first_channel": "email",
        "classes": ["active"],
        "pick": "everybody",
        "sample_per_day": 50,
        "interval_days": 180,
        "delay_days": 7,
        "reminder_days": 4,
        "valid_days": 30,
    }


def _settings() -> dict[str, Any]:
    return {
        "version": 1,
        "throttle_days": 90,
        "per_day": 500,
        "per_hour": 100,
        "first_day": 50,
        "case_days": 2,
        "detractor_days": 180,
        "hidden_below": 5,
        "warned_below": 30,
        "networks": "",
    }


def _one(world: World, actor: str) -> dict[str, Any]:
    """A survey and a client that the actor sees and does not own."""
    seen = world.sees(actor, "others_client")
    client = min((world.records["client"][label] for label in seen), default=0)
    return {"survey": _running(world), "client": client}


def _running(world: World) -> int:
    return world.records["survey"]["pesquisa"]


def _key() -> dict[str, Any]:
    return {"form_key": f"nps-{next(_numbers)}"}


NPS: dict[str, Any] = {
    "nps:answer": lambda world, actor: {"score": "9"},
    "nps:refer": lambda world, actor: {"name": "Bia Lima", "phone": "(11) 98765-4321"},
    "nps:survey_create": lambda world, actor: {**_key(), **_survey()},
    "nps:survey_edit": lambda world, actor: {"version": 1, **_survey()},
    "nps:settings_edit": lambda world, actor: _settings(),
    "nps:hand_over": lambda world, actor: {**_one(world, actor), "channel": "link"},
    "nps:phone_answer": lambda world, actor: {**_key(), "survey": _running(world), "score": "8"},
    "nps:answer_leave_out": lambda world, actor: {"why": "Teste da equipe"},
    "nps:case_note": lambda world, actor: {**_key(), "text": "Falei com a família"},
    "nps:case_hand_over": lambda world, actor: {"version": 1, "person": world.cast.mauro.pk},
    "nps:case_resolve": lambda world, actor: {
        "version": 1,
        "solved": "1",
        "cause": RootCause.objects.first().pk,
        "action": "Devolvido o valor",
    },
}
