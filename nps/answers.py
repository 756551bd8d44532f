"""What a client answers: the first answer counts, its last edit within a day wins (DOMAIN 4)."""

import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from clients import versions
from nps import gaming, loop, tokens
from nps.gaming import Origin
from nps.models import Answer, Invitation
from people.models import User

EDITABLE: Final = datetime.timedelta(hours=24)
EXPIRED, ANSWERED = "expired", "answered"
_COPIED = ("survey", "channel", "owner", "team", "product", "uf", "portfolio_class")


class ClosedError(Exception):
    """`why` nothing is taken: the invitation expired, or it was answered and can no longer be mended."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def record(
    invitation: Invitation,
    *,
    score: int,
    comment: str = "",
    may_call: bool = False,
    token: str = "",
    origin: Origin | None = None,
    by: User | None = None,
) -> Answer:
    """The first answer, or its edit, and what follows from it. `by` wrote down what the client said on the phone.

    Two at once leave one answer: they queue for the client's row. The same again changes nothing. Raises ClosedError.
    """
    present = _lock(invitation)
    is_anonymous = present.survey.is_anonymous
    if is_anonymous:
        # Where it came from is told apart from the company's own network, and forgotten.
        origin = origin and Origin(is_company=origin.is_company)
    said = {"score": score, "comment": comment, "may_call": may_call and not is_anonymous, "by": by}
    answer = standing_answer(present, token)
    if why := why_closed(present, answer, by=by):
        raise ClosedError(why)
    if answer and all(getattr(answer, name) == value for name, value in said.items()):
        return answer
    answer = _edited(answer, said) if answer else _first(present, said, token, origin)
    _flag(answer, origin)
    if not is_anonymous:
        loop.follow(answer)
    return answer


def standing_answer(invitation: Invitation, token: str) -> Answer | None:
    """What was answered until now; of an anonymous survey only the token finds it, and only for a day."""
    if not invitation.survey.is_anonymous:
        return getattr(invitation, "answer", None)
    of_its_author = Answer.objects.unscoped(reason="found by a token that only its author has")
    return of_its_author.filter(survey=invitation.survey_id, edit_key=tokens.edit_key_of(token)).first()


def why_closed(invitation: Invitation, answer: Answer | None, *, by: User | None = None) -> str:
    """`expired`, `answered`, or empty while an answer is taken. What the client typed is mended by nobody else."""
    if answer is not None:
        is_foreign = by is not None and not answer.is_by_staff
        return ANSWERED if is_foreign or not is_editable(answer) else ""
    if invitation.is_answered:
        return ANSWERED
    is_over = invitation.state == Invitation.State.EXPIRED or invitation.has_expired(timezone.localdate())
    return EXPIRED if is_over else ""


def is_editable(answer: Answer) -> bool:
    """For 24 hours; one without an hour until the end of the next day."""
    if answer.answered_at is None:
        return timezone.localdate() <= answer.answered_on + datetime.timedelta(days=1)
    return timezone.now() < answer.answered_at + EDITABLE


def _lock(invitation: Invitation) -> Invitation:
    """The client's row first, as everywhere."""
    asked = versions.lock(invitation.client_id).nps_invitations.select_related("survey")
    return asked.select_for_update(of=("self",)).get(pk=invitation.pk)


def _first(invitation: Invitation, said: dict[str, Any], token: str, origin: Origin | None) -> Answer:
    copied = {name: getattr(invitation, name) for name in _COPIED}
    whose = _nobody(token) if invitation.survey.is_anonymous else _known(invitation, origin or Origin())
    answer = Answer.objects.create(**copied, **said, **whose)
    invitation.state = Invitation.State.ANSWERED
    invitation.save(update_fields=["state"])
    return answer


def _known(invitation: Invitation, origin: Origin) -> dict[str, Any]:
    who = {"client_id": invitation.client_id, "invitation": invitation}
    return {**who, "network": origin.network, "device": origin.device}


def _nobody(token: str) -> dict[str, Any]:
    """Without an hour or a place in a row, which would tell by when the page was opened."""
    return {"pk": tokens.stray_id(), "answered_at": None, "edit_key": tokens.edit_key_of(token) if token else ""}


def _edited(answer: Answer, said: dict[str, Any]) -> Answer:
    for name, value in said.items():
        setattr(answer, name, value)
    answer.edited_at = timezone.now() if answer.answered_at else None
    answer.save(update_fields=[*said, "edited_at"])
    return answer


def _flag(answer: Answer, origin: Origin | None) -> None:
    """What raised suspicion once stays raised."""
    found = [flag for flag in gaming.flags_of(answer, origin) if flag not in answer.flags]
    if found:
        answer.flags = [*answer.flags, *found]
        answer.save(update_fields=["flags"])
