"""Changing people and teams: users, rights, absences. Every change is logged; nobody is ever deleted."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.formats import day
from people import activity
from people.models import Absence, Notification, Team, User
from people.notifications import notify
from people.roles import Permission
from people.teams import rebuild_reach

RIGHTS = ("role", "team", "is_active", "email")


@transaction.atomic
def save_user(user: User, *, by: User, reason: str = "") -> User:
    """Creates or changes a user. Changing rights needs MANAGE_PEOPLE, says why, and ends the open logins."""
    if not by.may(Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    before = User.objects.filter(pk=user.pk).values(*RIGHTS).first() if user.pk else None
    if before is None:
        if not user.password:
            user.set_unusable_password()
        user.save()
        activity.record("user_created", user, by=by, role=user.role, team=user.team_id, reason=reason)
        return user
    changed = [name for name in RIGHTS if before[name] != _raw(user, name)]
    if changed:
        user.session_epoch = F("session_epoch") + 1
    user.save()
    if changed:
        user.refresh_from_db()
        activity.record("user_rights_changed", user, by=by, fields=changed, reason=reason)
    else:
        activity.record("user_changed", user, by=by)
    return user


def _raw(user: User, name: str) -> Any:
    return user.team_id if name == "team" else getattr(user, name)


@transaction.atomic
def close_login(user: User, *, by: User, on: datetime.date | None = None) -> None:
    """The person left: no login from now on, every open login ends at the next request."""
    User.objects.filter(pk=user.pk).update(
        is_active=False, left_on=on or timezone.localdate(), session_epoch=F("session_epoch") + 1
    )
    user.refresh_from_db()
    activity.record("user_left", user, by=by)


@transaction.atomic
def save_team(team: Team, *, by: User) -> Team:
    created = team.pk is None
    team.save()
    rebuild_reach()
    activity.record("team_created" if created else "team_changed", team, by=by)
    return team


@transaction.atomic
def save_absence(absence: Absence, *, by: User) -> Absence:
    created = absence.pk is None
    absence.save()
    activity.record("absence_created" if created else "absence_changed", absence, by=by)
    if created and absence.cover:
        _tell_cover(absence, absence.cover, by=by)
    return absence


def _tell_cover(absence: Absence, cover: User, *, by: User) -> None:
    text = _("Você cobre %(name)s de %(first)s a %(last)s: os clientes aparecem na sua carteira nesses dias.") % {
        "name": absence.user.name,
        "first": day(absence.starts_on),
        "last": day(absence.ends_on),
    }
    notify(cover, Notification.Kind.OWNERSHIP, text, url=reverse("portfolio:client_list"), by=by)


@transaction.atomic
def end_absence(absence: Absence, *, by: User) -> None:
    """Back before the planned day: the cover ends now."""
    absence.ended_early_at = timezone.now()
    absence.save(update_fields=["ended_early_at", "changed_at"])
    activity.record("absence_ended", absence, by=by)
