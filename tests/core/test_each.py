"""`{% each row in rows %}` writes what Django's own loop would write, line breaks between tags aside."""

import itertools
from typing import NamedTuple

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString

from core.templatetags import rows

BODY = """
  <li class="{{ cls }}">
    {% if row.url %}<a href="{{ row.url }}?a=1">{{ row.name }}</a>{% else %}{{ row.name }} 100 %{% endif %}
    {{ row.chips }}{{ row.name }}
  </li>
"""


class Row(NamedTuple):
    name: str
    url: str = ""
    chips: str = ""


ROWS = [
    Row("Ana"),
    Row("<b> & 'Bia' %s %(x)s {{ row.url }}", "/clientes/2/"),
    Row("Caio", "/clientes/3/", SafeString("<i>chip</i>")),
    Row("", "", SafeString("<i>só</i>")),
    Row("linha\n  com quebra", "/clientes/5/"),
]


def written(loop: str, rows: list[Row], **values: str) -> str:
    return Template(loop).render(Context({"rows": rows, **values}))


def test_each_writes_as_for_does() -> None:
    placed = written(f"{{% each row in rows with cls %}}{BODY}{{% endeach %}}", ROWS, cls='"x"')
    looped = written(f"{{% for row in rows %}}{BODY}{{% endfor %}}", ROWS, cls='"x"')
    assert placed.count("<li") == len(ROWS)
    assert "".join(placed.split()) == "".join(looped.split())
    assert "linha\n  com quebra" in placed


def test_each_writes_the_body_once_for_each_kind_of_row() -> None:
    context = Context({"rows": [Row("Ana"), Row("Bia"), Row("Caio", "/3/")], "nth": itertools.count(1).__next__})
    template = Template("{% each row in rows with nth %}{{ row.name }}{{ nth }} {% endeach %}")
    assert template.render(context) == "Ana1 Bia1 Caio2 "


def test_each_of_nothing_writes_nothing() -> None:
    assert written("a{% each row in rows %}{{ row.name }}{% endeach %}b", []) == "ab"


def test_text_of_a_row_cannot_pass_for_a_place() -> None:
    assert written("{% each row in rows %}{{ row.name }}{% endeach %}", [Row("\0001\0", "x")]) == "\0001\0"


def test_what_is_kept_is_kept_for_the_values_it_was_written_with() -> None:
    body = "{{ csrf_token }}{{ t_a }}{{ may.x }}{{ z }}"
    template = Template(f"{{% each row in rows with csrf_token may t_* %}}{body}{{% endeach %}}")
    said = [
        template.render(Context({"rows": [Row("Ana")], "csrf_token": token, "t_a": text, "may": {"x": x}, "z": "no"}))
        for token, text, x in (("<1>", "a", "y"), ("2", "a", "y"), ("2", "b", "y"), ("2", "b", "n"))
    ]
    assert said == ["&lt;1&gt;ay", "2ay", "2by", "2bn"]


def test_kinds_that_are_kept_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_KEPT", 1)
    assert written("{% each row in rows %}{{ row.name }}{{ row.url }}|{% endeach %}", ROWS[:3]).count("|") == 3
