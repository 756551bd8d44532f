"""The words of a survey: mail, WhatsApp, SMS and the reminder.

What is stored holds `MARK` where the token stands; it is put in as the message leaves (RELIABILITY T17).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clients.models import Client
from contacts import sms
from contacts.wording import first_name_of
from nps import tokens
from nps.letter_style import STYLE
from nps.models import Brand, Survey, SurveyChannel

# No token: those are hexadecimal.
MARK: Final = "~convite~"
SCORES: Final = range(11)
# Of a preview.
NOBODY: Final = Client(name="Ana Souza", person_type="PF")


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def with_token(text: str, token: str) -> str:
    return text.replace(MARK, token)


def shown(text: str) -> str:
    """For a preview: the place of the token, and no link that would open anything."""
    return text.replace(MARK, "…")


def mail(survey: Survey, client: Client, *, is_reminder: bool = False) -> Letter:
    """A text and an HTML part, both with a link for each score and a way to stop."""
    page, stop = tokens.url_of(MARK), tokens.url_of(MARK, "stop")
    company = survey.company_name
    words = {
        "greeting": greeting(client),
        "company": company,
        "intro": _opening(survey, is_reminder),
        "question": survey.filled(survey.question),
        "page": page,
        "stop": stop,
        "scores": [(score, f"{page}?n={score}") for score in SCORES],
    }
    subject = (
        _("%(company)s: como está a sua experiência?") if not is_reminder else _("%(company)s: sua opinião ainda conta")
    )
    return Letter(
        subject=subject % {"company": company},
        body=render_to_string("nps/survey_letter.txt", words).strip() + "\n",
        html=render_to_string("nps/survey_letter.html", words | {"style": STYLE, "brand": Brand.current()}),
        headers={
            "From": formataddr((company, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def message(survey: Survey, client: Client, channel: str, *, is_reminder: bool = False) -> str:
    """For WhatsApp or SMS."""
    return _sms(survey) if channel == SurveyChannel.SMS else _whatsapp(survey, client, is_reminder)


def greeting(client: Client) -> str:
    """By the first name alone; a company, or a name that is none, has no name here."""
    called = first_name_of(client, "")
    return _("Olá, %(name)s") % {"name": called} if called else _("Olá")


def _opening(survey: Survey, is_reminder: bool) -> str:
    if is_reminder:
        return _("Há alguns dias perguntamos a sua opinião e ainda não tivemos resposta.")
    return survey.filled(survey.intro)


def _whatsapp(survey: Survey, client: Client, is_reminder: bool) -> str:
    parts = [
        _("%(greeting)s. Aqui é %(company)s.") % {"greeting": greeting(client), "company": survey.company_name},
        _opening(survey, is_reminder),
        survey.filled(survey.question),
        _("Responda aqui: %(url)s") % {"url": tokens.url_of(MARK)},
        _("Para não receber mais pesquisas: %(url)s") % {"url": tokens.url_of(MARK, "stop")},
    ]
    return "\n\n".join(filter(None, parts))


def _sms(survey: Survey) -> str:
    """In one part of 160 signs: the question where it fits, else a shorter one. How to stop, the page says."""
    said = {"company": survey.company_name, "url": tokens.url_of(MARK)}
    texts = [
        sms.plain(text)
        for text in (
            f"{survey.company_name}: {survey.filled(survey.question)} {said['url']}",
            _("%(company)s: de 0 a 10, quanto nos recomenda? %(url)s") % said,
            _("%(company)s: sua nota? %(url)s") % said,
        )
    ]
    return next((text for text in texts if sms.measure(as_long_as(text)).parts == 1), texts[-1])


def as_long_as(text: str) -> str:
    return with_token(text, "0" * 2 * tokens.BYTES)
