"""The small pieces of the interface and the formats, as they reach the page."""

import datetime

import pytest
from django.http import QueryDict
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from core.paging import Page
from core.templatetags import design, formats


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_icon_points_into_the_sprite() -> None:
    assert design.icon("phone", "i-lg") == (
        '<svg class="i i-lg" aria-hidden="true" focusable="false"><use href="/static/icons.svg#phone"></use></svg>'
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Juliana Prado", "JP"),
        ("Renato de Siqueira", "RS"),
        ("maria das dores e silva", "MS"),
        ("Cher", "C"),
        ("de", "?"),
        ("", "?"),
        ("3 Irmãos (filial)", "3I"),
        ("Metalúrgica São Bento Ltda", "MB"),
        ("Academia do Alemão LTDA. ME", "AA"),
        ("Lanchonete do Betinho S.A.", "LB"),
        ("Padaria Sol Eireli EPP", "PS"),
        ("Me Ltda", "M"),
        ("<b>Ana</b>", "?"),
    ],
)
def test_initials_skip_particles(name: str, expected: str) -> None:
    assert design.initials(name) == expected


def test_avatar_keeps_its_colour() -> None:
    assert design.avatar("Juliana Prado") == design.avatar(" juliana prado ").replace("jp", "JP")
    assert design.avatar("Juliana Prado", "lg").startswith('<span class="av av-lg av-')


def test_tier_has_a_name_for_screen_readers() -> None:
    assert design.tier("A") == '<span class="k k-a"><span class="visually-hidden">Classe </span>A</span>'
    assert design.tier(None) == ""


@pytest.mark.parametrize(
    ("score", "cls", "lit"),
    [
        (0, "health low", 0),
        (34, "health low", 2),
        (35, "health mid", 2),
        (59, "health mid", 3),
        (60, "health", 3),
        (130, "health", 5),
    ],
)
def test_health_levels(score: float, cls: str, lit: int) -> None:
    html = design.health(score)
    assert html.startswith(f'<span class="{cls}">')
    assert html.count('class="on"') == lit


def test_health_unknown_is_empty() -> None:
    assert design.health(None) == ""


def test_bar_without_label_is_decoration() -> None:
    assert design.bar(62.5) == (
        '<svg class="bar" aria-hidden="true"><rect class="f" width="62.5%" height="100%"/></svg>'
    )


def test_bar_with_label_and_pace() -> None:
    html = design.bar(140, "f-renova", "140% da meta", 50, "lg")
    assert 'class="bar bar-lg" role="img" aria-label="140% da meta"' in html
    assert '<rect class="f-renova" width="100%" height="100%"/>' in html
    assert '<rect class="pace" x="50%"' in html


def test_chip_leaves_out_what_is_empty() -> None:
    assert design.chip("line", "", "Sem dono") == '<span class="chip c-line">Sem dono</span>'
    assert design.chip("line", "", "Oi", "<9>") == '<span class="chip c-line">Oi<b>&lt;9&gt;</b></span>'
    assert "#clock" in design.chip("danger", "clock", "Atraso")


@pytest.mark.parametrize(
    ("portfolio_class", "cls", "text"),
    [
        ("active", "c-ativa", "Ativa"),
        ("renewal", "c-renova", "Renovação"),
        ("inactive", "c-inativa", "Inativa"),
        ("prospect", "c-prosp", "Prospect"),
    ],
)
def test_class_chip_names_the_class(portfolio_class: str, cls: str, text: str) -> None:
    html = design.class_chip(portfolio_class)
    assert f'class="chip {cls}"' in html
    assert html.endswith(f"{text}</span>")


def test_class_chip_writes_days() -> None:
    assert design.class_chip("active", 1).endswith("Ativa<b>1 dia</b></span>")
    assert design.class_chip("active", "hoje").endswith("Ativa<b>hoje</b></span>")
    assert design.class_chip("") == ""


def test_logo_and_empty_art_are_drawings() -> None:
    assert render("{% logo %}{% empty_art %}").count("<svg") == 2


def heading(current: str, query: str = "", **more: str) -> str:
    request = RequestFactory().get("/carteira/", QueryDict(query))
    return design.sort_header(RequestContext(request), "name", "Cliente", current, **more)


def test_sort_header_turns_the_order_around() -> None:
    assert 'href="/carteira/?ordem=name"' in heading("value")
    assert "aria-sort" not in heading("value")
    assert 'aria-sort="ascending"><a href="/carteira/?ordem=-name"' in heading("name")
    assert 'aria-sort="descending"><a href="/carteira/?ordem=name"' in heading("-name")


def test_sort_header_keeps_filters_and_starts_over() -> None:
    html = heading("", "classe=renewal&pagina=3", target="#rows", cls="n")
    address = "/carteira/?classe=renewal&amp;ordem=name"
    assert html == (
        f'<th scope="col" class="n"><a href="{address}" hx-get="{address}" hx-target="#rows"'
        ' hx-swap="outerHTML" hx-push-url="true">Cliente</a></th>'
    )


@pytest.mark.parametrize(
    ("value", "whole", "cents"),
    [
        (4280, "R$ 4.280", "R$ 4.280,00"),
        ("1234567.895", "R$ 1.234.568", "R$ 1.234.567,90"),
        (-50.5, "-R$ 51", "-R$ 50,50"),
        (-0.001, "R$ 0", "R$ 0,00"),
        (None, "", ""),
        ("", "", ""),
    ],
)
def test_money(value: formats.Number | None, whole: str, cents: str) -> None:
    assert formats.money(value).replace(formats.NBSP, " ") == whole
    assert formats.money_cents(value).replace(formats.NBSP, " ") == cents


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "R$ 0"),
        (999, "R$ 999"),
        (999.6, "R$ 1 mil"),
        (486_200, "R$ 486,2 mil"),
        (500_000, "R$ 500 mil"),
        (999_960, "R$ 1 mi"),
        (-1_250_000, "-R$ 1,3 mi"),
        (3_100_000_000, "R$ 3,1 bi"),
        (None, ""),
    ],
)
def test_short_money(value: formats.Number | None, expected: str) -> None:
    assert formats.short_money(value).replace(formats.NBSP, " ") == expected


def test_intdot() -> None:
    assert [formats.intdot(n) for n in (0, 1212, None)] == ["0", "1.212", ""]


def test_days_count_agrees_in_number() -> None:
    assert [formats.days_count(n) for n in (0, 1, 1212, None)] == ["0 dias", "1 dia", "1.212 dias", ""]


def test_day_tells_the_year_only_when_it_is_another() -> None:
    year = timezone.localdate().year
    assert formats.day(datetime.date(year, 12, 5)) == "5 dez"
    assert formats.day(datetime.date(year + 1, 11, 30)) == f"30 nov {year + 1}"
    assert formats.day(None) == ""


def test_day_of_a_moment_is_the_local_one() -> None:
    year = timezone.localdate().year
    assert formats.day(datetime.datetime(year, 5, 2, 1, 30, tzinfo=datetime.UTC)) == "1 mai"
    assert formats.day(datetime.datetime(year, 5, 2, 1, 30)) == "2 mai"  # noqa: DTZ001 A naive time is as it says.


def test_moment_names_the_near_days() -> None:
    today = timezone.localtime().replace(hour=9, minute=30)
    assert formats.moment(today) == "hoje, 09:30"
    assert formats.moment(today - datetime.timedelta(days=1)) == "ontem, 09:30"
    assert formats.moment(datetime.datetime(2020, 11, 30, 16, 42)) == "30 nov 2020, 16:42"  # noqa: DTZ001
    assert formats.moment(None) == ""


def test_error_pages_need_neither_context_nor_request() -> None:
    for code in ("400", "403", "403_csrf", "404", "409", "429", "500", "503"):
        html = render_to_string(f"{code}.html")
        assert f"Erro {code[:3]}" in html
        assert 'href="/"' in html


def pager(page: Page, query: str = "") -> str:
    request = RequestFactory().get("/carteira/", QueryDict(query))
    return render_to_string("components/pager.html", {"page": page, "target": "#rows"}, request)


def test_pager_numbers_the_pages_and_keeps_filters() -> None:
    html = pager(Page([1], 120, 51, range(1, 4), 2, previous="1", next="3"), "classe=renewal&pagina=2")
    assert '<span aria-current="page">2</span>' in html
    assert html.count('href="?classe=renewal&amp;pagina=1"') == 2
    assert html.count('hx-get="?classe=renewal&amp;pagina=3"') == 2


def test_pager_without_numbers_says_the_way() -> None:
    html = pager(Page([1], 5000, None, None, None, next="token"))
    assert "Próxima" in html
    assert "Anterior" not in html
    assert 'href="?pagina=token"' in html


def test_pager_of_one_page_has_no_links() -> None:
    assert "<nav" not in pager(Page([1], 1, 1, range(1, 2), 1))
