"""Segments: whose clients they show, live counts, sharing, and a plan for everybody in one."""

import datetime
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Channel, Client, OptOut, PortfolioClass, Purpose, Segment, Tag
from clients.versions import StaleRecordError
from contacts.models import ContactPlan, PlanMembership, PlanStep
from jobs.models import Job
from jobs.queue import enqueue
from jobs.workers import work_off
from people.models import User
from portfolio import enrolment, segments
from portfolio.models import SegmentPlan
from portfolio.tasks import SEGMENT_PLAN
from tests.factories import Cast, browser_of, make_client

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 23)


@pytest.fixture
def plan() -> ContactPlan:
    plan = ContactPlan.objects.create(name="Campanha de verão", purpose=Purpose.OFFER)
    PlanStep.objects.create(plan=plan, title="Ligar")
    return plan


def make_segment(owner: User, query: str, **fields: object) -> Segment:
    return segments.save(name=f"Segmento {query}", query=query, by=owner, **fields)


def names(segment: Segment, user: User) -> set[str]:
    return set(segments.clients_of(segment, user=user).values_list("name", flat=True))


def in_plan(plan: ContactPlan) -> set[str]:
    members = PlanMembership.objects.unscoped(reason="the test looks at everything").filter(plan=plan)
    return set(members.values_list("client__name", flat=True))


# --- Whose clients -------------------------------------------------------------------------------------


def test_query_of_keeps_filters_and_class_in_one_order() -> None:
    typed = QueryDict("uf=SP&ordem=-nome&pagina=2&class=active&x=1&sector=")
    assert segments.query_of(typed) == "class=active&uf=SP"


def test_clients_of_a_shared_segment_are_those_the_viewer_sees(cast: Cast) -> None:
    make_client("De Júlia", owner=cast.julia, uf="SP")
    make_client("De Davi", owner=cast.davi, uf="SP")
    make_client("De outro estado", owner=cast.julia, uf="RJ")
    segment = make_segment(cast.mauro, "uf=SP", is_shared=True)

    assert names(segment, cast.julia) == {"De Júlia"}
    assert names(segment, cast.davi) == {"De Davi"}
    assert names(segment, cast.mauro) == {"De Júlia", "De Davi"}


def test_clients_of_obey_the_class(cast: Cast) -> None:
    make_client("Ativa", owner=cast.julia, portfolio_class=PortfolioClass.ACTIVE)
    make_client("Inativa", owner=cast.julia, portfolio_class=PortfolioClass.INACTIVE)

    assert names(make_segment(cast.julia, "class=inactive"), cast.julia) == {"Inativa"}


def test_a_filter_that_means_nothing_any_more_empties_rather_than_widens(cast: Cast) -> None:
    make_client("Ana", owner=cast.julia)
    tag = Tag.objects.create(name="VIP", key="vip")
    segment = make_segment(cast.julia, f"tag={tag.pk}")
    tag.delete()

    with pytest.raises(segments.BrokenSegmentError) as error:
        segments.clients_of(segment, user=cast.julia)
    assert "Etiqueta" in error.value.text
    page = browser_of(cast.julia).get(reverse("portfolio:segment_list")).content.decode()
    assert "não vale mais" in page


def test_a_leaders_filter_is_not_dropped_for_a_seller(cast: Cast) -> None:
    make_client("Ana", owner=cast.julia)
    segment = make_segment(cast.mauro, f"owner={cast.davi.pk}", is_shared=True)

    with pytest.raises(segments.BrokenSegmentError):
        segments.clients_of(segment, user=cast.julia)


# --- Keeping them --------------------------------------------------------------------------------------


def test_segment_create_keeps_the_filters_of_the_list(cast: Cast) -> None:
    browser = browser_of(cast.julia)
    url = reverse("portfolio:segment_create") + "?class=renewal&uf=SP&ordem=-nome"
    form = browser.get(url).context["form"]
    assert "is_shared" not in form.fields

    typed = {"name": "Renovações de SP", "is_pinned": "on", "query": form["query"].value(), "form_key": "k1"}
    assert browser.post(url, typed).status_code == 303

    segment = Segment.objects.get()
    assert (segment.name, segment.query, segment.owner, segment.is_shared) == (
        "Renovações de SP",
        "class=renewal&uf=SP",
        cast.julia,
        False,
    )


def test_segment_create_refuses_a_name_twice_and_keeps_what_was_typed(cast: Cast) -> None:
    segments.save(name="Meus", query="", by=cast.julia)
    answer = browser_of(cast.julia).post(
        reverse("portfolio:segment_create"), {"name": "meus", "query": "uf=SP", "form_key": "k2"}
    )
    assert answer.status_code == 422
    assert "Você já tem um segmento com este nome" in answer.content.decode()
    assert answer.context["form"]["query"].value() == "uf=SP"
    assert Segment.objects.count() == 1


def test_segment_edit_renames_and_takes_the_filters_of_now(cast: Cast) -> None:
    segment = make_segment(cast.mauro, "uf=SP")
    url = reverse("portfolio:segment_edit", args=[segment.pk])
    typed = {"name": "Rio", "is_shared": "on", "takes_filters": "on", "query": "uf=RJ", "version": 1}

    assert browser_of(cast.mauro).post(f"{url}?uf=RJ", typed).status_code == 303

    segment.refresh_from_db()
    assert (segment.name, segment.query, segment.is_shared, segment.is_pinned) == ("Rio", "uf=RJ", True, False)


def test_two_edits_at_once_show_both_texts(cast: Cast) -> None:
    segment = make_segment(cast.julia, "uf=SP")
    segments.change(segment, {"name": "Primeiro"}, by=cast.julia, version=1)
    with pytest.raises(StaleRecordError):
        segments.change(segment, {"name": "Segundo"}, by=cast.julia, version=1)

    url = reverse("portfolio:segment_edit", args=[segment.pk])
    answer = browser_of(cast.julia).post(url, {"name": "Segundo", "query": "uf=SP", "version": 1})
    assert answer.status_code == 409
    assert "Primeiro" in answer.content.decode()
    assert answer.context["form"]["name"].value() == "Segundo"


def test_only_the_author_or_a_leader_changes_a_shared_segment(cast: Cast) -> None:
    segment = make_segment(cast.mauro, "uf=SP", is_shared=True)
    url = reverse("portfolio:segment_remove", args=[segment.pk])

    assert browser_of(cast.julia).post(url).status_code == 404
    assert browser_of(cast.sonia).post(url).status_code == 303
    assert not Segment.objects.exists()


# --- The list ------------------------------------------------------------------------------------------


def test_the_menu_counts_what_each_holds_now(cast: Cast) -> None:
    make_client("Ana", owner=cast.julia, uf="SP")
    make_segment(cast.julia, "uf=SP")
    browser = browser_of(cast.julia)
    url = reverse("portfolio:segment_list")

    def count() -> list[str]:
        page = browser.get(url, headers={"HX-Request": "true"}).content.decode()
        return re.findall(r'tnum">([0-9.+]+)<', page)

    assert count() == ["1"]
    make_client("Rui", owner=cast.julia, uf="SP")
    assert count() == ["2"]


def test_the_list_shows_pinned_segments_and_names_the_present_one(cast: Cast) -> None:
    make_segment(cast.julia, "uf=SP")
    segments.save(name="Guardado", query="uf=RJ", by=cast.julia, is_pinned=False)
    make_segment(cast.davi, "uf=MG")

    context = browser_of(cast.julia).get(reverse("portfolio:client_list"), {"uf": "SP", "ordem": "-nome"}).context

    assert [(item["name"], item["current"]) for item in context["pinned"]] == [("Segmento uf=SP", True)]
    assert context["segment_name"] == "Segmento uf=SP"


def test_pinned_segments_cost_the_list_one_query(cast: Cast) -> None:
    browser = browser_of(cast.julia)
    url = reverse("portfolio:client_list")
    browser.get(url)
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        counts.append(len(queries))
        for uf in ("SP", "RJ", "MG"):
            Segment.objects.get_or_create(name=uf, query=f"uf={uf}", owner=cast.julia)
    assert counts[0] == counts[1]


# --- A plan for a segment ------------------------------------------------------------------------------


def test_preview_says_who_enters_and_why_others_do_not(cast: Cast, plan: ContactPlan) -> None:
    for name in ("Ana", "Rui"):
        make_client(name, owner=cast.julia)
    shy = make_client("Quieto", owner=cast.julia)
    OptOut.objects.create(client=shy, channel=Channel.ANY, purpose=Purpose.OFFER)
    make_client("Falecida", owner=cast.julia, deceased_on=TODAY)

    told = enrolment.preview(make_segment(cast.sonia, ""), plan, user=cast.sonia, on=TODAY)

    assert (told.total, told.entering) == (4, 2)
    assert told.left_out == [("Falecidos", 1), ("Pediram para não ser contatados", 1)]


def test_fill_puts_in_whom_the_author_sees_and_only_once(cast: Cast, plan: ContactPlan) -> None:
    make_client("De Júlia", owner=cast.julia)
    make_client("De Davi", owner=cast.davi)
    link = enrolment.apply(make_segment(cast.sonia, ""), plan, by=cast.sonia, keeps_filling=False)

    assert enrolment.fill(link, on=TODAY) == 1
    assert enrolment.fill(link, on=TODAY) == 0
    assert in_plan(plan) == {"De Júlia"}


def test_the_night_brings_in_who_joined_the_segment(cast: Cast, plan: ContactPlan) -> None:
    make_client("Ana", owner=cast.julia, uf="SP")
    link = enrolment.apply(make_segment(cast.sonia, "uf=SP"), plan, by=cast.sonia, keeps_filling=True)
    enrolment.fill(link, on=TODAY)
    make_client("Nova", owner=cast.julia, uf="SP")

    assert enrolment.fill_segments(TODAY) == {"segment_joined": 1, "segment_broken": 0}
    assert enrolment.fill_segments(TODAY) == {"segment_joined": 0, "segment_broken": 0}
    assert in_plan(plan) == {"Ana", "Nova"}

    enrolment.stop_filling(link, by=cast.sonia)
    make_client("Depois", owner=cast.julia, uf="SP")
    assert enrolment.fill_segments(TODAY) == {"segment_joined": 0, "segment_broken": 0}


def test_the_night_fills_nothing_for_who_left_or_from_a_broken_filter(cast: Cast, plan: ContactPlan) -> None:
    make_client("Ana", owner=cast.julia)
    enrolment.apply(make_segment(cast.sonia, "tag=999"), plan, by=cast.sonia, keeps_filling=True)
    enrolment.apply(make_segment(cast.mauro, ""), plan, by=cast.mauro, keeps_filling=True)
    User.objects.filter(pk=cast.mauro.pk).update(is_active=False)

    assert enrolment.fill_segments(TODAY) == {"segment_joined": 0, "segment_broken": 1}


def test_segment_plan_page_previews_applies_as_a_job_and_stops(cast: Cast, plan: ContactPlan) -> None:
    make_client("Ana", owner=cast.julia)
    segment = make_segment(cast.sonia, "")
    browser = browser_of(cast.sonia)
    url = reverse("portfolio:segment_plan", args=[segment.pk])
    fragment = browser.get(url, {"plan": plan.pk}, headers={"HX-Request": "true"}).content.decode()
    assert "<strong>1 entra</strong>" in fragment

    typed = {"plan": plan.pk, "keeps_filling": "on", "form_key": "k3"}
    assert browser.post(url, typed).status_code == 303
    assert browser.post(url, typed).status_code == 303

    link = SegmentPlan.objects.get()
    assert Job.objects.filter(kind=SEGMENT_PLAN, payload={"link": link.pk}).count() == 1
    assert browser.post(reverse("portfolio:segment_plan_stop", args=[link.pk])).status_code == 303
    link.refresh_from_db()
    assert not link.keeps_filling


def test_filling_of_who_left_is_said_and_taken_over(cast: Cast, plan: ContactPlan) -> None:
    make_client("Ana", owner=cast.julia)
    segment = make_segment(cast.sonia, "", is_shared=True)
    left = enrolment.apply(segment, plan, by=cast.sonia, keeps_filling=True)
    User.objects.filter(pk=cast.sonia.pk).update(is_active=False)
    url = reverse("portfolio:segment_plan", args=[segment.pk])
    assert "Assumir" not in browser_of(cast.norma).get(url).content.decode()
    browser = browser_of(cast.mauro)
    assert "Sônia Reis não usa mais o Carteira: ninguém entra" in browser.get(url).content.decode()

    typed = {"plan": plan.pk, "keeps_filling": "on", "form_key": "k5"}
    assert browser.post(url, typed).status_code == 303

    left.refresh_from_db()
    assert not left.keeps_filling
    assert enrolment.fill_segments(TODAY)["segment_joined"] == 1
    assert "Assumir" not in browser.get(url).content.decode()


def test_filling_into_a_paused_plan_is_said(cast: Cast, plan: ContactPlan) -> None:
    segment = make_segment(cast.sonia, "")
    enrolment.apply(segment, plan, by=cast.sonia, keeps_filling=True)
    ContactPlan.objects.filter(pk=plan.pk).update(is_active=False)
    page = browser_of(cast.sonia).get(reverse("portfolio:segment_plan", args=[segment.pk])).content.decode()
    assert f"O plano {plan.name} está pausado" in page


def test_segment_plan_of_a_broken_segment_writes_nothing(cast: Cast, plan: ContactPlan) -> None:
    segment = make_segment(cast.sonia, "tag=999")
    url = reverse("portfolio:segment_plan", args=[segment.pk])
    answer = browser_of(cast.sonia).post(url, {"plan": plan.pk, "form_key": "k4"})
    assert answer.status_code == 422
    assert "não vale mais" in answer.content.decode()
    assert not SegmentPlan.objects.exists()


def test_the_job_fills_the_plan(cast: Cast, plan: ContactPlan) -> None:
    make_client("Ana", owner=cast.julia)
    link = enrolment.apply(make_segment(cast.sonia, ""), plan, by=cast.sonia, keeps_filling=False)
    job = enqueue(SEGMENT_PLAN, {"link": link.pk}, by=cast.sonia)
    work_off()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.DONE, {"joined": 1})
    assert in_plan(plan) == {"Ana"}


def test_the_job_of_a_broken_segment_says_why(cast: Cast, plan: ContactPlan) -> None:
    link = enrolment.apply(make_segment(cast.sonia, "tag=999"), plan, by=cast.sonia, keeps_filling=False)
    job = enqueue(SEGMENT_PLAN, {"link": link.pk}, by=cast.sonia)
    work_off()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "nada foi feito" in job.error
    assert in_plan(plan) == set()


def test_plans_know_the_client_by_its_own_day(cast: Cast, plan: ContactPlan) -> None:
    client: Client = make_client("Ana", owner=cast.julia)
    link = enrolment.apply(make_segment(cast.sonia, ""), plan, by=cast.sonia, keeps_filling=False)
    enrolment.fill(link, on=timezone.localdate())
    member = PlanMembership.objects.unscoped(reason="test").get(client=client)
    assert member.anchored_on == timezone.localdate()
    assert member.started_by == cast.sonia
