"""What the clients of the demo said in a year of surveys, the cases that followed, and one introduction."""

import datetime
import random
from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from brazil.holidays import is_working_day
from clients.models import Client, PortfolioClass
from nps import loop, standing, tokens
from nps.models import Answer, Case, Group, Invitation, Opening, RootCause, Survey, SurveyChannel
from people.models import User
from people.roles import Role

YEAR: Final = 365
ASKED_PER_DAY: Final = 7
ANSWERED: Final = 0.34
OPENED: Final = 0.45
DAY: Final = datetime.timedelta(days=1)
SOLVED: Final = 0.8
ACTIONS: Final = (
    "Liguei, pedi desculpas pela demora e combinei resposta no mesmo dia.",
    "Estorno feito e confirmado com o cliente.",
    "Expliquei a taxa linha por linha e mandei o custo total por escrito.",
)
# What people say with each kind of score; how often "" comes is how often nothing is said.
COMMENTS: Final[dict[str, tuple[str, ...]]] = {
    "promoter": (
        "Atendimento muito bom, sempre respondem rápido.", "Atendimento atencioso, explicou tudo com calma.",
        "Taxa boa e sem surpresa no contrato.", "Resolveram meu sinistro em poucos dias.",
        "Confio na empresa há anos.", "", "", "",
    ),
    "passive": (
        "Bom, mas a proposta podia chegar mais rápido.", "Atendimento bom, taxa podia ser melhor.",
        "Falta um aplicativo para ver o contrato.", "", "",
    ),
    "detractor": (
        "Demora para responder, precisei ligar três vezes.", "Demora no reembolso.",
        "A taxa ficou maior do que a combinada.", "Cobrança em duplicidade e demora para estornar.",
        "Ninguém retornou a minha ligação.", "",
    ),
}  # fmt: skip
SCORES: Final = (10, 10, 10, 10, 9, 9, 9, 9, 8, 8, 8, 7, 7, 6, 5, 3)
# Whom visitors should meet: the name, the score, what was said, how many days ago.
TOLD: Final = (
    ("Clínica Vida Plena S.A.", 3, "Demora no reembolso. Já reclamei duas vezes.", 1),
    ("Raquel Moura Antunes", 9, "Explicam tudo e retornam quando prometem.", 20),
    ("Padaria Pão da Vila Ltda ME", 8, "Bom atendimento, mas a proposta demorou.", 34),
)


def write_surveys(now: datetime.datetime, *, by: User, seed: int) -> int:
    """How many answers were written."""
    rng = random.Random(seed)  # noqa: S311  (the same company every time)
    survey = Survey.objects.create(name="Relacionamento", created_by=by, is_active=True, created_at=now - YEAR * DAY)
    Survey.objects.create(
        name="Depois da contratação", kind=Survey.Kind.SALE, delay_days=7, created_by=by, channels=["email", "link"]
    )
    told = {client.name: client for client in _asked().filter(name__in=[name for name, *_said in TOLD])}
    others = [client for client in _asked().order_by("pk") if client.name not in told]
    rng.shuffle(others)
    invitations = list(_invitations(rng, survey, others, now.date()))
    said = [answer for one in invitations if (answer := _answer(rng, one))]
    Invitation.objects.bulk_create(invitations, batch_size=1000)
    Opening.objects.bulk_create(Opening(invitation=one) for one in invitations if rng.random() < OPENED)
    Answer.objects.bulk_create(said, batch_size=1000)
    standing.refresh([answer.client_id for answer in said if answer.client_id is not None])
    Case.objects.bulk_create(_cases(rng, said, by))
    for name, score, comment, days in TOLD:
        _tell(survey, told[name], score, comment, now - days * DAY)
    return len(said) + len(TOLD)


def _asked() -> QuerySet[Client]:
    everybody = Client.objects.unscoped(reason="of the demo company").select_related("owner")
    return everybody.filter(
        portfolio_class__in=(PortfolioClass.ACTIVE, PortfolioClass.RENEWAL), owner__isnull=False, deceased_on=None
    )


def _invitations(
    rng: random.Random, survey: Survey, clients: Sequence[Client], today: datetime.date
) -> Iterator[Invitation]:
    """Some on each working day of the year, each client once."""
    waiting = iter(clients)
    for days in range(YEAR, 2, -1):
        on = today - days * DAY
        if not is_working_day(on, "SC"):
            continue
        for _ in range(rng.randrange(ASKED_PER_DAY)):
            client = next(waiting, None)
            if client is None:
                return
            yield _invitation(survey, client, on)


def _invitation(survey: Survey, client: Client, on: datetime.date) -> Invitation:
    nonce = tokens.new_nonce()
    has_ended = on + survey.valid_days * DAY < timezone.localdate()
    return Invitation(
        survey=survey,
        client=client,
        channel=SurveyChannel.EMAIL,
        state=Invitation.State.EXPIRED if has_ended else Invitation.State.ASKED,
        nonce=nonce,
        digest=tokens.digest_of(tokens.token_from(nonce)),
        owner=client.owner,
        team=client.team,
        uf=client.uf,
        portfolio_class=client.portfolio_class,
        asked_on=on,
        expires_on=on + survey.valid_days * DAY,
        delivered_at=_noon(on),
    )


def _answer(rng: random.Random, asked: Invitation) -> Answer | None:
    if rng.random() > ANSWERED:
        return None
    asked.state = Invitation.State.ANSWERED
    score = rng.choice(SCORES)
    answer = Answer(
        survey=asked.survey,
        invitation=asked,
        client=asked.client,
        score=score,
        channel=asked.channel,
        owner=asked.owner,
        team=asked.team,
        uf=asked.uf,
        portfolio_class=asked.portfolio_class,
        answered_on=(on := asked.asked_on + rng.randrange(3) * DAY),
        answered_at=_noon(on),
    )
    answer.comment = rng.choice(COMMENTS[answer.group])
    return answer


def _cases(rng: random.Random, said: Sequence[Answer], by: User) -> Iterator[Case]:
    """What was low is settled by now, most of it well."""
    leaders = {leader.team_id: leader for leader in User.objects.filter(role=Role.SUPERVISOR, is_active=True)}
    causes = list(RootCause.objects.all())
    for answer in said:
        if answer.group is not Group.DETRACTOR:
            continue
        began = _noon(answer.answered_on)
        leader = leaders.get(answer.team_id, by)
        yield Case(
            client=answer.client,
            answer=answer,
            assignee=leader,
            owner=answer.owner,
            state=Case.State.RESOLVED if rng.random() < SOLVED else Case.State.UNRESOLVED,
            opened_at=began,
            due_on=answer.answered_on + 2 * DAY,
            contacted_at=began + DAY,
            cause=rng.choice(causes),
            action=rng.choice(ACTIONS),
            closed_at=began + 2 * DAY,
            closed_by=leader,
        )


def _noon(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def _tell(survey: Survey, client: Client, score: int, comment: str, at: datetime.datetime) -> None:
    """An answer with everything that follows from it."""
    asked = _invitation(survey, client, at.date() - DAY)
    asked.state = Invitation.State.ANSWERED
    asked.save()
    answer = Answer.objects.create(
        survey=survey,
        invitation=asked,
        client=client,
        score=score,
        comment=comment,
        channel=asked.channel,
        owner=client.owner,
        team=client.team,
        uf=client.uf,
        portfolio_class=client.portfolio_class,
        answered_on=at.date(),
        answered_at=at,
        may_call=score < Group.PROMOTER.scores.start,
    )
    loop.follow(answer)
