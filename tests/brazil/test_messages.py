import ast
import os
import re
from pathlib import Path

import pytest
from django.conf import settings

import brazil
from brazil.messages import MESSAGES, message
from imports.cleaning import ACTIONS

CODES = re.compile(r"(?:document|phone|email|cep|date|amount)_[a-z_]+")


@pytest.fixture(autouse=True)
def translations() -> None:
    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        settings.configure(USE_I18N=False)


def error_codes() -> set[str]:
    """Every code that a module of the package can answer, read from its source."""
    folder = Path(str(brazil.__path__[0]))
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and CODES.fullmatch(text)}


def test_every_code_has_a_sentence() -> None:
    assert error_codes() | set(ACTIONS) <= set(MESSAGES)
    assert all(str(sentence).endswith(".") for sentence in MESSAGES.values())


def test_message_shows_an_unknown_code_itself() -> None:
    assert message("uf_cleared") == "UF desconhecida deixada em branco."
    assert message("something_new") == "something_new"
