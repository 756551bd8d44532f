"""Templates and texts: all that is shown goes through gettext, nothing inline, names resolve, sizes kept."""

import ast
import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import django_htmx
import pytest
from django.template.base import Lexer, TokenType

from contacts.sms import ALPHABET
from tests.project.resolver import addresses
from tests.project.sources import ROOT, own_code, short, templates

TEMPLATES = templates()
BRAND = {
    "Carteira",
    "WhatsApp",
    "CSV",
    "XLSX",
    "Excel",
    "Ctrl",
    "Esc",
    "Enter",
    "CPF",
    "CNPJ",
    "CEP",
    "UF",
    "R$",
}
SHOWN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "label"}
LETTER = re.compile(r"[^\W\d_]")
ACCENT = re.compile(r"[áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ]")
GETTEXT = {
    "_",
    "_now",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}
KB = 1024
# The scripts of every page.
EVERYWHERE = ("app.js", "palette.js", "offline.js", "contact.js")
BUDGET = {"css": 35, "js": 35, "font": 25, "sprite": 6}


class ShownText(HTMLParser):
    """Collects what a reader sees: text nodes and spoken attributes, outside scripts, drawings and keys."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style", "kbd", "code"}
        self.found += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style", "kbd", "code"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def untranslated(text: str) -> list[str]:
    """Words in the HTML of a template that no translate tag wraps; tags of the template count as nothing."""
    html: list[str] = []
    skipping = ""
    for token in Lexer(text).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if skipping:
            skipping = "" if name == f"end{skipping}" else skipping
        elif name in {"blocktranslate", "blocktrans", "comment", "verbatim"}:
            skipping = name
        elif token.token_type == TokenType.TEXT:
            html.append(token.contents)
    parser = ShownText()
    parser.feed("".join(html))
    parser.close()
    words = (word for part in parser.found for word in re.sub(r"&\w+;", " ", part).split())
    return [word for word in words if LETTER.search(word) and word.strip(".,:;·()") not in BRAND]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>{% translate 'Oi' %}</p>", []),
        ("<p>Oi</p>", ["Oi"]),
        ("{% blocktranslate %}Oi {{ name }}{% endblocktranslate %}", []),
        ('<a title="Ver mais" href="/x">{{ x }}</a>', ["Ver", "mais"]),
        ('<a title="{% translate "Ver" %}">Carteira</a>', []),
        ("{% comment %}Não é lido{% endcomment %}<script>let a = 1</script>&nbsp;· 12", []),
        ('<input placeholder="Nome"/>', ["Nome"]),
    ],
)
def test_reader_of_templates_finds_what_is_shown(text: str, left: list[str]) -> None:
    assert untranslated(text) == left


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_template_shows_only_translated_text(path: Path) -> None:
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_template_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    if path.name == "survey_letter.html":
        # No page: no policy reaches a letter, and mail programs keep no other styles.
        text = re.sub(r"\sstyle=\"\{\{ style\.\w+ \}\}\"|<style>[^<]*</style>", "", text)
    scripts = re.findall(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    # The one page whose policy names the hash of its own style.
    style = r"<style\b(?!>\{% include \"nps/public/style\.css\" %\}</style>)"
    attributes = re.findall(rf"\sstyle=|{style}|\son[a-z]+=|hx-on|javascript:|hx-vals=[\"']js:|hx-vars|\|safe\b", text)

    assert (scripts, attributes) == ([], [])
    assert "{% autoescape off" not in text


def test_every_icon_is_in_the_sprite() -> None:
    listed = set((ROOT / "assets" / "icons.txt").read_text().split())
    uses = re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']|\bicon=["']([\w-]+)["']""")
    texts = [path for path in [*TEMPLATES, *own_code()] if "templatetags" not in path.parts]
    used = {(name, short(path)) for path in texts for pair in uses.findall(path.read_text()) for name in pair if name}

    assert sorted((name, path) for name, path in used if name not in listed) == []
    sprite = (ROOT / "static_dist" / "icons.svg").read_text()
    assert {name for name in listed if f'id="{name}"' not in sprite} == set()


def test_every_address_named_in_templates_and_code_resolves() -> None:
    known = {address.name for address in addresses()}
    in_template = re.compile(r"""\{%\s*url\s+["']([\w:-]+)["']""")
    in_code = re.compile(r"""\b(?:reverse|reverse_lazy|redirect)\(\s*["']([\w-]+:[\w-]+|[\w]+_[\w]+)["']""")
    names = {(name, short(path)) for path in TEMPLATES for name in in_template.findall(path.read_text())}
    names |= {(name, short(path)) for path in own_code() for name in in_code.findall(path.read_text())}

    assert sorted((name, path) for name, path in names if name not in known) == []


def test_every_template_named_in_code_exists() -> None:
    named = re.compile(r"""["']([a-z_]+/[a-z_/]+\.(?:html|txt))(?:#[\w-]+)?["']""")
    names = {(name, short(path)) for path in own_code() for name in named.findall(path.read_text())}

    assert sorted((name, path) for name, path in names if not (ROOT / "templates" / name).exists()) == []


def bare_texts(path: Path) -> list[str]:
    """Texts with accents that are neither documentation nor inside a call of gettext."""
    tree = ast.parse(path.read_text())
    fine: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(id(node.value))
        if isinstance(node, ast.Call) and _name(node.func) in GETTEXT:
            fine.update(id(part) for argument in node.args for part in ast.walk(argument))
    return [
        f"{short(path)}:{node.lineno} {node.value[:60]!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ACCENT.search(node.value)
        and id(node) not in fine
        and node.value not in CELLS.get(short(path), set())
    ]


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


# Not read by people who use the screens: tables of the country, and the prints of commands.
UNTRANSLATED = {"brazil", "carteira"}
# Contents of spreadsheets and of default rows, not words of the screen.
CELLS = {
    "nps/loop.py": {"Atenção a neutros"},
    "nps/models/survey.py": {
        "Em uma escala de 0 a 10, quanto você recomendaria a {{empresa}} a um amigo ou colega?",
    },
    "imports/reports.py": {"São Paulo", "Indicação", "concluída", "Quer a proposta até dezembro."},
    "imports/workbooks.py": {"Não"},
    "contacts/sms.py": {ALPHABET},
}


def test_texts_in_code_are_translated() -> None:
    files = [
        path for path in own_code() if short(path).split("/")[0] not in UNTRANSLATED and "commands" not in path.parts
    ]

    assert [found for path in files for found in bare_texts(path)] == []


def test_gettext_never_gets_a_finished_text() -> None:
    """An f-string is put together before the catalogue is asked, so it can never be found there."""
    finished = [
        f"{short(path)}:{node.lineno}"
        for path in own_code()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _name(node.func) in GETTEXT and node.args
        if isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]

    assert finished == []


def test_assets_keep_their_budget() -> None:
    htmx = next(Path(django_htmx.__file__).parent.rglob("htmx-2.min.js"))
    static, built = ROOT / "static", ROOT / "static_dist"
    files = {
        "css": [built / "vendor.css", static / "tokens.css", static / "app.css"],
        "js": [*(static / name for name in EVERYWHERE), htmx],
        "font": [built / "figtree.woff2"],
        "sprite": [built / "icons.svg"],
    }
    sizes = {what: len(gzip.compress(b"".join(map(Path.read_bytes, paths)), 9)) / KB for what, paths in files.items()}

    assert {what: size for what, size in sizes.items() if size > BUDGET[what]} == {}
