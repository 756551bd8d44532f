"""What a person would send to each address that writes: complete and valid; only rights can stop it."""

import datetime
import itertools
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from brazil.documents import CPF_WEIGHTS, check_digit
from contacts.models import ContactPlan
from people.models import User
from tests.project.payloads_nps import NPS
from tests.project.world import World

type Payload = dict[str, Any]

_numbers = itertools.count(1)


def _cpf() -> str:
    number = f"{512_000_000 + 7919 * next(_numbers):09d}"
    first = check_digit(number, CPF_WEIGHTS[0])
    return number + first + check_digit(number + first, CPF_WEIGHTS[1])


def _template(name: str) -> Payload:
    return {"name": name, "channel": "whatsapp", "purpose": "service", "body": "Olá, {{nome}}"}


def _key() -> Payload:
    return {"form_key": f"key-{next(_numbers)}"}


def _plan() -> int:
    return ContactPlan.objects.get(name="Plano do segmento").pk


def _taker(world: World, actor: str) -> User:
    """Somebody the actor may give clients to."""
    return world.people["davi"] if actor == "norma" else world.people["julia"]


def _seller(world: World, actor: str) -> Payload:
    """Sellers sell under their own name; the others choose among the people they see."""
    return {} if actor in {"julia", "caio", "lia", "davi"} else {"seller": _taker(world, actor).pk}


def _client(world: World, actor: str) -> Payload:
    return {
        **_key(),
        "person_type": "PF",
        "document": _cpf(),
        "name": "Pessoa Nova",
        "phone": f"(21) 9{83_000_000 + 7919 * next(_numbers):08d}",
        "email": f"nova{next(_numbers)}@exemplo.com.br",
    }


def _edited(world: World, actor: str) -> Payload:
    return {"version": 1, "person_type": "PF", "document": _cpf(), "name": "Pessoa Editada"}


def _purchase(world: World, actor: str) -> Payload:
    return {
        "product": world.product,
        "sold_on": timezone.localdate().isoformat(),
        "amount": "10,00",
        **_seller(world, actor),
    }


def _contract(world: World, actor: str) -> Payload:
    today = timezone.localdate()
    return {
        "product": world.product,
        "status": "in_force",
        "start_on": today.isoformat(),
        "end_on": (today + datetime.timedelta(days=700)).isoformat(),
        **_seller(world, actor),
    }


def _absence(world: World, actor: str) -> Payload:
    taker = _taker(world, actor)
    today = timezone.localdate().isoformat()
    return {"user": taker.pk, "kind": "vacation", "starts_on": today, "ends_on": today}


def _user(world: World, actor: str) -> Payload:
    return {
        "name": "Gente Nova",
        "email": f"gente{next(_numbers)}@carteira.example",
        "role": "seller",
        "team": world.cast.sul.pk,
        "hours_per_day": "8",
        "joined_on": "2026-01-02",
        "is_active": "on",
        "reason": "mudou de equipe",
    }


def _task() -> Payload:
    return {"title": "Enviar o carnê", "due_on": timezone.localdate().isoformat(), "kind": "task", "minutes": "10"}


def _file(world: World, actor: str) -> Payload:
    content = f"nome;documento\nGente {next(_numbers)};\n".encode()
    return {"kind": "clients", "file": SimpleUploadedFile("nova.csv", content, content_type="text/csv")}


def _own_clients(world: World, actor: str) -> Payload:
    seen = sorted(world.sees(actor, "client"))
    return {"ids": [world.records["client"][label] for label in seen]}


def _cadence(name: str) -> Payload:
    return {
        "name": name,
        "trigger": "manual",
        "anchor": "start",
        "purpose": "service",
        "max_attempts": 5,
        "rest_days": 0,
        "priority": 50,
    }


def _fixed(**values: Any) -> Callable[[World, str], Payload]:
    return lambda world, actor: dict(values)


PAYLOADS: dict[str, Callable[[World, str], Payload]] = {
    **NPS,
    "people:account": _fixed(name="Nome Novo", phone="", theme="", wants_digest="on"),
    "people:theme": _fixed(theme="dark"),
    "people:team_create": _fixed(name="Leste", parent="", uf="", opened_on="2026-01-02"),
    "people:team_edit": _fixed(name="Outro nome", parent="", uf="", opened_on="2026-01-02"),
    "people:user_create": _user,
    "people:user_edit": _user,
    "people:absence_create": _absence,
    "clients:client_create": _client,
    "clients:client_duplicates": _client,
    "clients:client_bulk_transfer": _own_clients,
    "clients:client_edit": _edited,
    "clients:client_tags": _fixed(tags="vip, novo"),
    "clients:client_transfer": lambda world, actor: {"owner": _taker(world, actor).pk},
    "clients:consent_add": lambda world, actor: {
        **_key(),
        "granted": "1",
        "channel": "call",
        "purpose": "offer",
        "source": "ligação",
    },
    "clients:opt_out_add": lambda world, actor: {**_key(), "channel": "email", "purpose": "any"},
    **dict.fromkeys(
        ("clients:phone_add", "clients:phone_edit"),
        lambda world, actor: {
            **_key(),
            "number": f"(21) 9{83_000_000 + 7919 * next(_numbers):08d}",
            "status": "ok",
        },
    ),
    **dict.fromkeys(
        ("clients:email_add", "clients:email_edit"),
        lambda world, actor: {**_key(), "address": f"mais{next(_numbers)}@exemplo.com.br", "status": "ok"},
    ),
    **dict.fromkeys(
        ("clients:address_add", "clients:address_edit"),
        lambda world, actor: {**_key(), "street": "Rua Nova", "city": "Recife", "uf": "PE"},
    ),
    **dict.fromkeys(
        ("clients:person_add", "clients:person_edit"),
        lambda world, actor: {**_key(), "name": "Pessoa de Contato"},
    ),
    "contracts:purchase_create": lambda world, actor: {**_key(), **_purchase(world, actor)},
    "contracts:purchase_edit": lambda world, actor: {"version": 1, **_purchase(world, actor)},
    "contracts:contract_create": lambda world, actor: {**_key(), **_contract(world, actor)},
    "contracts:contract_edit": lambda world, actor: {"version": 1, **_contract(world, actor)},
    "contracts:contract_renew": lambda world, actor: {**_key(), **_contract(world, actor)},
    "contracts:contract_cancel": lambda world, actor: {
        "cancelled_on": timezone.localdate().isoformat(),
        "reason": "mudou de banco",
    },
    **dict.fromkeys(
        ("contacts:log_create", "contacts:log_edit", "contacts:log_correct"),
        lambda world, actor: {**_key(), "outcome": "interested", "channel": "call", "note": "Combinado"},
    ),
    "contacts:log_quick": _fixed(outcome="no_answer", channel="call"),
    "contacts:task_create": lambda world, actor: {**_key(), **_task()},
    "contacts:task_edit": lambda world, actor: {"version": 1, **_task()},
    "contacts:note_create": lambda world, actor: {**_key(), "text": "Gosta de café"},
    "contacts:attachment_add": lambda world, actor: {
        **_key(),
        "file": SimpleUploadedFile("recado.txt", b"Um recado", content_type="text/plain"),
    },
    "imports:batch_upload": _file,
    "imports:batch_mapping": _fixed(column_0="nome", column_1="documento", existing="skip"),
    "imports:batch_reread": _fixed(encoding="cp1252"),
    "portfolio:agenda_act": _fixed(act="done", channel="call"),
    "portfolio:agenda_snooze": lambda world, actor: {
        "until": (timezone.localdate() + datetime.timedelta(days=3)).isoformat()
    },
    "portfolio:client_search": _fixed(q="zq"),
    "portfolio:calendar_add": _fixed(q="zq"),
    "portfolio:calendar_feed": _fixed(shows_names="on"),
    "portfolio:palette_search": lambda world, actor: {
        "q": "zq",
        "recent": ",".join(map(str, list(world.records["client"].values())[:5])),
    },
    "portfolio:client_columns": _fixed(columns=["health", "owner", "value"]),
    "portfolio:client_export": _fixed(format="csv"),
    "portfolio:segment_create": lambda world, actor: {**_key(), "name": f"Segmento {next(_numbers)}", "query": ""},
    "portfolio:segment_edit": lambda world, actor: {"version": 1, "name": f"Segmento {next(_numbers)}", "query": ""},
    "portfolio:segment_plan": lambda world, actor: {**_key(), "plan": _plan()},
    "portfolio:client_tag": lambda world, actor: {**_own_clients(world, actor), "name": "quente"},
    "portfolio:seller_leave": _fixed(understood="on"),
    **dict.fromkeys(
        ("contacts:block_list_create", "contacts:block_list_edit"),
        lambda world, actor: {"name": f"Lista {next(_numbers)}", "source": "Procon", "since": "2026-01-02"},
    ),
    "contacts:block_list_load": lambda world, actor: {"file": SimpleUploadedFile("lista.csv", b"21987654321\n")},
    "contacts:number_check": _fixed(number="(21) 98765-4321"),
    "contacts:plan_create": lambda world, actor: {**_key(), **_cadence(f"Plano {next(_numbers)}")},
    "contacts:plan_edit": lambda world, actor: {"version": 1, **_cadence("Plano editado")},
    **dict.fromkeys(
        ("contacts:step_add", "contacts:step_edit"),
        _fixed(version=1, title="Ligar", channel="call", offset_days=2, minutes=8),
    ),
    "contacts:step_move": _fixed(version=1, para="cima"),
    "contacts:step_remove": _fixed(version=1),
    "contacts:plan_join": lambda world, actor: {
        **_key(),
        "plan": ContactPlan.objects.get(name="Plano de todos").pk,
    },
    "contacts:membership_leave": _fixed(reason="Pediu uma pausa"),
    "contacts:death_take_back": lambda world, actor: {**_key(), "reason": "Atendeu o telefone"},
    "contacts:message_compose": lambda world, actor: {**_key(), "channel": "whatsapp", "body": "Olá, {{nome}}"},
    "contacts:template_create": lambda world, actor: {**_key(), **_template(f"Modelo {next(_numbers)}")},
    "contacts:template_edit": lambda world, actor: {"version": 1, **_template(f"Modelo {next(_numbers)}")},
    "contacts:template_preview": lambda world, actor: _template("Modelo"),
    "contacts:script_create": lambda world, actor: {**_key(), "name": f"Roteiro {next(_numbers)}", "purpose": "offer"},
    "contacts:script_edit": _fixed(version=1, name="Roteiro editado", purpose="offer"),
    **dict.fromkeys(("contacts:block_add", "contacts:block_edit"), _fixed(version=1, kind="offer", text="O CET é")),
    "contacts:block_move": _fixed(version=1, para="cima"),
    "contacts:block_remove": _fixed(version=1),
    "jobs:night_run": lambda world, actor: {"day": timezone.localdate().isoformat()},
}


def payload(name: str, world: World, actor: str) -> Payload:
    make = PAYLOADS.get(name)
    return make(world, actor) if make else {}
