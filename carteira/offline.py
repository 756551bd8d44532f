"""What a phone keeps to open without a connection: files of the program and a page that says so. Nothing of anybody."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from people.access import public

KEPT = ("vendor.css", "tokens.css", "app.css", "figtree.woff2", "favicon.svg")
SOURCE = settings.BASE_DIR / "static" / "sw.js"


@public(reason="browsers ask for the worker before anybody logs in; it is a file of the program")
def service_worker(request: HttpRequest) -> HttpResponse:
    """From the root, so that it may answer for every page; browsers look for a newer one each time."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> str:
    """Names what is kept; another set of files is another cache."""
    kept = {"page": reverse("offline"), "files": [static(name) for name in KEPT]}
    source = Path(SOURCE).read_text(encoding="utf-8")
    version = hashlib.sha256((source + json.dumps(kept)).encode()).hexdigest()[:12]
    return f"const KEPT = {json.dumps({**kept, 'name': f'carteira-{version}'})};\n{source}"


@public(reason="shown without a connection; it is the same for everybody")
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html", {"theme": ""})
