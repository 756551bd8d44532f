"""Addresses and constant texts that are worked out once say what Django's own tags say."""

import pytest
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.urls import NoReverseMatch, reverse

from core.addresses import address
from core.templatetags.texts import Phrase

DJANGOS = Engine(builtins=["django.templatetags.i18n"])


def both(source: str, **values: object) -> tuple[str, str]:
    """As our tags write it, and as Django's do."""
    return Template(source).render(Context(values)), DJANGOS.from_string(source).render(Context(values))


@pytest.mark.parametrize(
    ("name", "ids"), [("portfolio:client_list", []), ("portfolio:client_detail", [12]), ("clients:phone_add", [10203])]
)
def test_address_is_that_of_django(name: str, ids: list[int]) -> None:
    assert address(name, *ids) == reverse(name, args=ids)
    assert address(name, *ids) == reverse(name, args=ids)


@pytest.mark.parametrize(
    "source",
    [
        "{% url 'portfolio:client_list' %}",
        "{% url 'portfolio:client_detail' pk %}",
        "{% url name pk %}",
        "{% url 'portfolio:client_detail' pk=pk %}",
        "{% url 'portfolio:client_detail' '7' %}",
        "{% url 'portfolio:client_panel' pk 'compras' %}",
        "{% url 'portfolio:client_detail' pk as there %}{{ there }}",
        "{% url 'portfolio:nowhere' pk as there %}[{{ there }}]",
    ],
)
def test_link_says_what_djangos_says(source: str) -> None:
    ours, djangos = both(source, pk=1234, name="clients:client_edit")
    assert ours == djangos != ""


def test_link_to_nowhere_is_an_error() -> None:
    with pytest.raises(NoReverseMatch):
        both("{% url 'portfolio:nowhere' 1 %}")
    with pytest.raises(TemplateSyntaxError):
        both("{% url %}")


@pytest.mark.parametrize(
    "source",
    [
        "{% translate 'Salvar' %}",
        "{% trans '100% pago & pronto' %}",
        "{% translate 'Salvar' as said %}<{{ said }}>",
        "{% translate 'Salvar' noop %}",
        "{% translate 'Salvar' context 'verbo' %}",
        "{% translate text %}",
        "{% translate 'salvar'|upper %}",
        "{% blocktranslate %}Olá, {{ text }}{% endblocktranslate %}",
    ],
)
def test_texts_say_what_djangos_say(source: str) -> None:
    ours, djangos = both(source, text="Ana & Cia")
    assert ours == djangos != ""


def test_only_constant_texts_are_kept() -> None:
    phrase, dynamic = Template("{% translate 'Salvar' %}{% translate text %}").nodelist
    assert isinstance(phrase, Phrase)
    assert not isinstance(dynamic, Phrase)
