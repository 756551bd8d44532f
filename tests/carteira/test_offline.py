"""What phones keep: files of the program and a page without data; the manifest and its files."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import resolve

from tests.factories import make_user

STATIC = Path(settings.BASE_DIR) / "static"


def test_worker_is_served_from_the_root_and_looked_for_each_time() -> None:
    answer = Browser().get("/sw.js")

    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_worker_keeps_only_files_of_the_program_and_the_page_without_data() -> None:
    source = Browser().get("/sw.js").content.decode()
    found = re.match(r"const KEPT = (\{.*\});", source)
    assert found is not None
    kept = json.loads(found[1])

    assert kept["page"] == "/sem-conexao/"
    assert all(path.startswith("/static/") for path in kept["files"])
    assert kept["name"].startswith("carteira-")
    assert source.count("cache.put") == 0


@pytest.mark.django_db
def test_page_without_connection_is_the_same_for_everybody() -> None:
    user = make_user("Júlia Prado", theme="dark")
    inside = Browser()
    inside.force_login(user)
    pages = [browser.get("/sem-conexao/").content for browser in (inside, Browser())]

    assert pages[0] == pages[1]
    assert b"Prado" not in pages[0]


def test_manifest_names_what_exists() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    addresses = [manifest["start_url"], *(entry["url"] for entry in manifest["shortcuts"])]

    assert [resolve(address).view_name for address in addresses]
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert [icon["src"] for icon in manifest["icons"] if not (STATIC / icon["src"]).exists()] == []
    assert (manifest["lang"], manifest["display"]) == ("pt-BR", "standalone")
