"""The pages that a client opens from a letter: the question, thanks, an introduction, the end of all surveys."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from nps import answers, gaming, openings, referrals, refusals, stories
from nps.forms_public import LONGEST, AnswerForm, ReferralForm
from nps.models import Answer, NpsSettings
from nps.views.public_page import Page, survey_page

SCORES = [str(score) for score in range(11)]


@survey_page("GET", "POST")
def answer(page: Page) -> HttpResponse:
    """Only posting answers: programs that open all links of a letter leave nothing behind but that the page opened."""
    if page.is_post:
        return _record(page)
    if why := answers.why_closed(page.invitation, page.answer):
        return page.show("closed", why=why)
    openings.expect(page.request, page.invitation)
    chosen = page.request.GET.get("n")
    if page.answer and chosen not in SCORES and "mudar" not in page.request.GET:
        return _thank(page, page.answer)
    return _ask(page, AnswerForm(initial=_present(page.answer) | ({"score": chosen} if chosen in SCORES else {})))


@survey_page("GET", "POST")
def thanks(page: Page) -> HttpResponse:
    """What happens next; posting says that a promoter would tell how it went."""
    if page.answer is None or not answers.is_editable(page.answer):
        return page.go("answer")
    if not page.is_post:
        return _thank(page, page.answer)
    if not stories.may_be_told(page.answer):
        return page.missing()
    stories.offer(page.answer)
    return page.go("thanks")


@survey_page("GET", "POST")
def stop(page: Page) -> HttpResponse:
    """Opening it asks, posting stops (RFC 8058: a program that opens links stops nothing)."""
    if page.is_post:
        refusals.stop(page.invitation)
    return page.show("stop", is_stopped=page.is_post)


@survey_page("GET", "POST")
def refer(page: Page) -> HttpResponse:
    if page.answer is None or not referrals.may_refer(page.answer):
        return page.missing()
    form = ReferralForm(page.request.POST if page.is_post else None, label_suffix="")
    if page.is_post and form.is_valid():
        try:
            referrals.refer(page.answer, **form.cleaned_data)
        except referrals.TooManyError:
            return page.show("refer_enough", status=HTTPStatus.CONFLICT)
        return page.go("refer", "?feito=1")
    return page.show("refer", status=_status(form), form=form, is_done="feito" in page.request.GET)


@survey_page("GET")
def privacy(page: Page) -> HttpResponse:
    return page.show("privacy")


def _record(page: Page) -> HttpResponse:
    form = AnswerForm(page.request.POST)
    if not form.is_valid():
        return _ask(page, form)
    origin = gaming.origin_of(page.request)
    try:
        answers.record(page.invitation, token=page.token, origin=origin, **form.cleaned_data)
    except answers.ClosedError as refusal:
        return page.show("closed", status=HTTPStatus.CONFLICT, why=refusal.why)
    return page.go("thanks")


def _ask(page: Page, form: AnswerForm) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "scores": SCORES, "longest": LONGEST, "is_edit": page.answer is not None}
    return page.show("answer", status=_status(form), **context, **_texts(page))


def _thank(page: Page, given: Answer) -> HttpResponse:
    context: dict[str, Any] = {
        "answer": given,
        "group": given.group.value,
        "case_days": NpsSettings.current().case_days,
        "may_refer": referrals.may_refer(given),
        "may_tell": stories.may_be_told(given),
        "has_offered": stories.offered(given) is not None,
    }
    return page.show("thanks", **context, **_texts(page))


def _present(given: Answer | None) -> dict[str, Any]:
    return {name: getattr(given, name) for name in AnswerForm.base_fields} if given else {}


def _status(form: AnswerForm | ReferralForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _texts(page: Page) -> dict[str, Any]:
    """The survey's own words, with the company's name in them."""
    return {
        name: page.survey.filled(getattr(page.survey, name))
        for name in ("question", "reason_question", "intro", "thanks")
    }
