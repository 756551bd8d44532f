"""One company whose every field is a canary: two teams and a third, queues, batches, imports, jobs.

Who sees what is written here by hand from DOMAIN 5, apart from people.visibility.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.test import Client as Browser

from people.models import User
from people.roles import Role
from tests.factories import Cast
from tests.project.canaries import Canaries

ACTORS = (
    "anonymous",
    "julia",
    "lia",
    "davi",
    "sonia",
    "mauro",
    "norma",
    "bento",
    "aurora",
    "ada",
)
SUL = {"júlia's", "caio's", "sônia's", "queue of sul"}
NORTE = {"davi's", "lia's", "queue of norte"}
ALL = SUL | NORTE | {"queue of nobody", "mauro's"}
# Lia sells in Norte and covers Caio today.
SEES: Mapping[str, set[str]] = {
    "anonymous": set(),
    "julia": {"júlia's"},
    "caio": {"caio's"},
    "lia": {"lia's", "caio's"},
    "davi": {"davi's"},
    "sonia": SUL,
    "norma": NORTE,
    **dict.fromkeys(("mauro", "bento", "aurora", "ada"), ALL),
}
EVERYBODYS = {"sonia", "mauro", "norma", "ada", "night"}
# Records that hang on no client: who sees which, by the person they belong to.
SEES_OTHER: Mapping[str, Mapping[str, set[str]]] = {
    "distribution": {
        "sonia": {"sonia"},
        "mauro": {"mauro"},
        "norma": {"norma"},
        "ada": EVERYBODYS,
    },
    "import": {
        "sonia": {"sonia"},
        "mauro": {"sonia", "mauro", "norma"},
        "norma": {"norma"},
        "ada": EVERYBODYS - {"night"},
    },
    "job": {
        "sonia": {"sonia", "night"},
        "mauro": {"mauro", "night"},
        "norma": {"norma", "night"},
        "aurora": EVERYBODYS,
        "ada": EVERYBODYS,
    },
    "outbox": {"sonia": {"sonia"}, "mauro": {"mauro"}, "norma": {"norma"}, "aurora": EVERYBODYS, "ada": EVERYBODYS},
    "absence": {"sonia": {"caio"}, "mauro": {"caio", "davi"}, "norma": {"davi"}, "ada": {"caio", "davi"}},
    "user": {"ada": {"julia", "davi", "olga", "mauro"}},
    "seller": {"ada": {"julia", "davi", "olga", "mauro"}},
    "team": {"ada": {"sul", "norte", "oeste"}},
    "block_list": {"ada": {"lista"}},
    "list_load": {"ada": {"lista"}},
    # Plans are the company's; the clients in them are not.
    "plan": {name: {"plano"} for name in ("sonia", "mauro", "norma", "ada")},
    "plan_step": {name: {"plano"} for name in ("sonia", "mauro", "norma", "ada")},
    "script": {name: {"roteiro"} for name in ACTORS if name not in {"anonymous", "aurora"}},
    "block": {name: {"roteiro"} for name in ("sonia", "mauro", "norma", "ada")},
    # One's own alone, whatever the role.
    "template": {name: {name} for name in ACTORS if name not in {"anonymous", "aurora"}},
    "notice": {name: {name} for name in ACTORS if name != "anonymous"},
    "survey": {name: {"pesquisa"} for name in ("mauro", "norma", "ada")},
    "segment": {name: {name} for name in ACTORS if name != "anonymous"},
    "segment_plan": {name: {name} for name in ("sonia", "mauro", "norma", "ada")},
}
CLIENT_KINDS = {
    "mail",
    "client", "phone", "email", "address", "person", "contract", "purchase", "membership", "log", "task", "attachment",
    "removed_attachment", "postponement", "answer", "case",
}  # fmt: skip
# What a leader decides about for others alone, never about clients of their own.
OTHERS = "others_"
OWN = {"sonia": "sônia's", "mauro": "mauro's"}
ABSENT = 99_999_999


@dataclass
class World:
    cast: Cast
    canaries: Canaries
    people: dict[str, User]
    browsers: dict[str, Browser]
    records: dict[str, dict[str, int]] = field(default_factory=dict)
    product: int = 0

    def sees(self, actor: str, kind: str) -> set[str]:
        if kind.startswith(OTHERS):
            return SEES[actor] - {OWN.get(actor)}
        return SEES[actor] if kind in CLIENT_KINDS else SEES_OTHER[kind].get(actor, set())

    def role(self, actor: str) -> Role | None:
        return Role(self.people[actor].role) if actor in self.people else None

    def may_read(self, actor: str, label: str, field_name: str) -> bool:
        """Whether the canary of this field of this record may reach the actor."""
        if field_name == "document (whole)" and self.role(actor) == Role.AUDITOR:
            return False
        kind, _, owner = label.rpartition("/")
        if kind == "person":
            return actor in {owner, "ada"}
        if kind == "name":
            return actor in {"mauro", "bento", "aurora", "ada"}
        return label in SEES[actor] if not kind else owner in self.sees(actor, kind)
