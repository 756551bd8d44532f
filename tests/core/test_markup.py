"""Our quick escaping says what Django's says."""

import pytest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from core.markup import escaped

TEXTS = ("Ana & Cia", "<b>\"x\"</b> 'y'", "", 12, None, gettext_lazy("Sem <responsável>"), mark_safe("<b>"))


@pytest.mark.parametrize("text", [*TEXTS, format_html("<i>{}</i>", "&")])
def test_says_what_django_says(text: object) -> None:
    assert escaped(text) == conditional_escape(text)
    assert isinstance(escaped(text), SafeString)
