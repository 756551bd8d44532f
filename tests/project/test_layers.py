"""What holds for the whole project: layers below import-linter's sight, forbidden ways, sizes, migrations."""

import ast
import io
import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader

from core.scoping import GuardedQuerySet
from tests.project.sources import APPS, LAYERS, ROOT, height, own_code, python_files, short

BASELINE = Path(__file__).with_name("side_doors.json")
# Ways around the guard, the escaping or the layers. Counted per file; the numbers may only fall.
SIDE_DOORS = {
    "unscoped(": re.compile(r"(?<!def )\bunscoped\("),
    "scoped(": re.compile(r"(?<!def )\.scoped\("),
    "trusted(": re.compile(r"(?<!def )\btrusted\("),
    "raw(": re.compile(r"\.raw\("),
    "extra(": re.compile(r"\.extra\("),
    "_base_manager": re.compile(r"_base_manager|_default_manager"),
    "cursor(": re.compile(r"\.cursor\("),
    "mark_safe": re.compile(r"mark_safe|SafeString\(|csrf_exempt"),
    "login_not_required": re.compile(r"login_not_required|login_required = False"),
}


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def relations(model: type[models.Model]) -> list[Any]:
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field for field in fields if field.remote_field]


def test_layers_are_those_of_import_linter() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    written = [
        tuple(sorted(name.strip(" ()") for name in line.split("|"))) for line in settings["contracts"][0]["layers"]
    ]

    assert written == [tuple(sorted(layer)) for layer in reversed(LAYERS)]


def test_every_own_app_has_a_layer() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    installed = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}

    assert (folders | installed) - set(APPS) == set()


# Django's swappable user: the settings name it, core knows no person.
BY_SETTINGS = {"core.FormKey.user -> people.User"}


def test_models_refer_only_to_the_same_layer_or_below() -> None:
    upwards = [
        f"{model._meta.label}.{field.name} -> {field.remote_field.model._meta.label}"
        for model in own_models()
        for field in relations(model)
        if (target := field.remote_field.model._meta.app_label) in APPS
        and target != model._meta.app_label
        and height(target) >= height(model._meta.app_label)
    ]

    assert set(upwards) == BY_SETTINGS


def test_settings_list_the_apps_from_the_top_down() -> None:
    ours = [config.label for config in apps.get_app_configs() if config.label in APPS]

    assert ours == sorted(ours, key=height, reverse=True)


def test_no_signal_of_django_has_a_receiver_of_ours() -> None:
    listening = re.compile(
        r"from django\.(db\.models|core|dispatch|contrib\.auth|test)\b.*\b(signals|receiver|Signal)\b"
    )

    assert [short(path) for path in python_files() if listening.search(path.read_text())] == []


def test_no_module_is_a_junk_drawer() -> None:
    junk = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "services",
        "service",
        "manager",
        "managers",
        "misc",
    }

    assert [short(path) for path in python_files() if path.stem in junk or path.parent.name in junk] == []


def test_files_are_at_most_400_lines() -> None:
    paths = [*own_code(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    long = {short(path): count for path in paths if (count := len(path.read_text().splitlines())) > 400}

    assert long == {}


def side_doors() -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {name: Counter() for name in SIDE_DOORS}
    for path in own_code():
        text = path.read_text()
        for name, pattern in SIDE_DOORS.items():
            if count := len(pattern.findall(text)):
                found[name][short(path)] = count
    return {name: dict(sorted(counts.items())) for name, counts in found.items() if counts}


@pytest.mark.parametrize("name", sorted(SIDE_DOORS))
def test_side_doors_do_not_grow(name: str) -> None:
    """A new use needs its line in side_doors.json, which a reviewer sees."""
    allowed: dict[str, int] = json.loads(BASELINE.read_text()).get(name, {})
    used = side_doors().get(name, {})

    assert {path: count for path, count in used.items() if count > allowed.get(path, 0)} == {}
    assert [path for path in allowed if path not in used] == [], "lower the list with the code"


def test_every_unscoped_query_says_why() -> None:
    silent = [
        f"{short(path)}:{node.lineno}"
        for path in own_code()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "unscoped"
        if not any(word.arg == "reason" for word in node.keywords)
    ]

    assert silent == []


def test_no_model_with_personal_data_escapes_the_guard() -> None:
    """A model that hangs on a client is guarded, or listed here with what keeps it from being read bare."""
    known = {
        "clients.ClientSearch": "read only through Client.search, inside clients.search",
        "clients.Client_tags": "the pair of a visible client and a tag; no personal data",
    }
    through = [field.remote_field.through for model in own_models() for field in model._meta.local_many_to_many]
    bare = {
        model._meta.label
        for model in [*own_models(), *through]
        if any(field.remote_field.model._meta.label == "clients.Client" for field in relations(model))
        and not isinstance(model._default_manager.get_queryset(), GuardedQuerySet)
    }

    assert bare - set(known) == set()


@pytest.mark.django_db
def test_migrations_are_named_and_none_is_missing() -> None:
    loader = MigrationLoader(None)
    ours = [(app, name) for app, name in loader.disk_migrations if app in APPS]

    assert [pair for pair in ours if re.search(r"_auto_|^\d+_initial$", pair[1])] == []
    output = io.StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=output)
    except SystemExit:
        pytest.fail(output.getvalue())


def test_no_route_of_an_app_above_is_imported_by_name_below() -> None:
    """`reverse("portfolio:…")` below portfolio is a link by name and allowed; an import in a function is not."""
    hidden = [
        f"{short(path)}:{node.lineno} {module}"
        for path in own_code()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in _modules(node)
        if (app := module.split(".")[0]) in APPS
        and (own := short(path).split("/")[0]) != app
        and height(app) >= height(own)
    ]

    assert hidden == []


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names]
