"""One's own account, and for leaders the teams, people and absences."""

from allauth.account.forms import ResetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core.answers import done, go_to, invalid, is_fragment
from core.paging import COUNT_CAP, Order, page_of
from people import digests, directory, notifications
from people.access import UserRequest, allow, public
from people.forms import AbsenceForm, AccountForm, TeamForm, UserForm
from people.models import Absence, Team, User
from people.roles import Permission
from people.visibility import sight_of, visible_people


def _posted(request: UserRequest) -> QueryDict | None:
    """What was sent, even when nothing was filled in; None when the form is only opened."""
    return request.POST if request.method == "POST" else None


@allow(Permission.VIEW_OWN_ACCOUNT, methods=("GET", "POST"))
def account(request: UserRequest) -> HttpResponse:
    form = AccountForm(_posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return done(request, _("Seus dados foram salvos."), url=reverse("people:account"))
    if form.is_bound:
        # The form has written the typed values on the shared user; the shell shows the stored ones.
        request.user.refresh_from_db()
        return invalid(request, "people/account.html", {"form": form})
    return render(request, "people/account.html", {"form": form})


@allow(Permission.VIEW_OWN_ACCOUNT)
def own_email(request: UserRequest) -> HttpResponse:
    return redirect("people:account")


@allow(Permission.VIEW_OWN_ACCOUNT, methods=("POST",))
def theme(request: UserRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponse(status=400)
    User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return HttpResponse(status=204)


NOTICES = "people/notice_list.html"
NEWEST_FIRST = Order("quando", "at", descending=True)
IN_MENU = 6


@allow(Permission.VIEW_OWN_ACCOUNT)
def notice_list(request: UserRequest) -> HttpResponse:
    """All of one's own, unread and read; htmx asks for the few newest, which the bell shows."""
    found = notifications.notices_of(request.user)
    if is_fragment(request):
        return _bell(request)
    total = found.order_by().values("pk")[: COUNT_CAP + 1].count()
    page = page_of(found, everything=found, order=NEWEST_FIRST, total=total, where=request.GET.get("pagina", ""))
    notices = found.select_related("by").in_bulk(page.ids)
    context = {"page": page, "notices": [notices[pk] for pk in page.ids]}
    return render(request, NOTICES, context)


def _bell(request: UserRequest) -> HttpResponse:
    newest = notifications.notices_of(request.user).select_related("by")[:IN_MENU]
    return render(request, f"{NOTICES}#newest", {"notices": newest})


@allow(Permission.VIEW_OWN_ACCOUNT, methods=("POST",))
def notice_read(request: UserRequest, pk: int) -> HttpResponse:
    """Marks one as read and leads to what it tells of."""
    notice = get_object_or_404(notifications.notices_of(request.user), pk=pk)
    notifications.mark_read(notifications.notices_of(request.user).filter(pk=pk))
    is_ours = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return go_to(request, notice.url if is_ours else reverse("people:notice_list"))


@allow(Permission.VIEW_OWN_ACCOUNT, methods=("POST",))
def notice_read_all(request: UserRequest) -> HttpResponse:
    notifications.mark_read(notifications.unread_of(request.user))
    return _bell(request) if is_fragment(request) else redirect("people:notice_list")


@csrf_exempt
@public(
    reason="the address in the daily mail, signed: mail programs post to it without a login", methods=("GET", "POST")
)
def digest_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it asks, posting stops (RFC 8058: a program that opens links stops nothing)."""
    person = digests.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        digests.stop(person)
    return render(request, "people/digest_stop.html", {"is_stopped": request.method == "POST"})


@allow(Permission.VIEW_PEOPLE)
def team_list(request: UserRequest) -> HttpResponse:
    """The tree of teams the user sees, their members, and who is away."""
    people = User.objects.filter(visible_people(request.user)).select_related("team__parent").order_by("name_key")
    today = timezone.localdate()
    absences = (
        Absence.objects.filter(user__in=people, ends_on__gte=today, ended_early_at__isnull=True)
        .select_related("user", "cover")
        .order_by("starts_on")
    )
    context = {"teams": _tree(request.user, list(people)), "absences": absences, "today": today}
    return render(request, "people/team_list.html", context)


def _tree(user: User, people: list[User]) -> list[dict[str, object]]:
    """Teams in the order of the tree with their depth and members; people without a team come last."""
    sight = sight_of(user)
    teams = Team.objects.select_related("parent").order_by("name")
    if not sight.everyone:
        teams = teams.filter(pk__in=sight.team_ids)
    by_parent: dict[int | None, list[Team]] = {}
    shown = {team.pk for team in teams}
    for team in teams:
        by_parent.setdefault(team.parent_id if team.parent_id in shown else None, []).append(team)
    rows: list[dict[str, object]] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in by_parent.get(parent, []):
            rows.append({"team": team, "depth": depth, "members": [p for p in people if p.team_id == team.pk]})
            walk(team.pk, depth + 1)

    walk(None, 0)
    loose = [p for p in people if p.team_id is None or p.team_id not in shown]
    return [*rows, {"team": None, "depth": 0, "members": loose}] if loose else rows


@allow(Permission.MANAGE_PEOPLE, methods=("GET", "POST"))
def user_create(request: UserRequest) -> HttpResponse:
    return _user_form(request, User())


@allow(Permission.MANAGE_PEOPLE, methods=("GET", "POST"))
def user_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _user_form(request, get_object_or_404(User, pk=pk))


def _user_form(request: UserRequest, person: User) -> HttpResponse:
    form = UserForm(_posted(request), instance=person)
    if request.method == "POST" and form.is_valid():
        is_new = person.pk is None
        directory.save_user(form.instance, by=request.user, reason=form.cleaned_data["reason"])
        if is_new:
            invite(request, person)
        return done(request, _("%(name)s foi salvo.") % {"name": person.name}, url=reverse("people:team_list"))
    context = {"form": form, "person": person}
    return (invalid if form.is_bound else render)(request, "people/user_form.html", context)


def invite(request: UserRequest, person: User) -> None:
    """Mails the address where the new person chooses a password."""
    form = ResetPasswordForm({"email": person.email})
    if form.is_valid():
        form.save(request)


@allow(Permission.MANAGE_PEOPLE, methods=("GET", "POST"))
def team_create(request: UserRequest) -> HttpResponse:
    return _team_form(request, Team())


@allow(Permission.MANAGE_PEOPLE, methods=("GET", "POST"))
def team_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _team_form(request, get_object_or_404(Team, pk=pk))


def _team_form(request: UserRequest, team: Team) -> HttpResponse:
    form = TeamForm(_posted(request), instance=team)
    if request.method == "POST" and form.is_valid():
        directory.save_team(form.instance, by=request.user)
        return done(request, _("Equipe %(name)s salva.") % {"name": team.name}, url=reverse("people:team_list"))
    context = {"form": form, "team": team}
    return (invalid if form.is_bound else render)(request, "people/team_form.html", context)


@allow(Permission.ASSIGN_CLIENTS, methods=("GET", "POST"))
def absence_create(request: UserRequest) -> HttpResponse:
    form = AbsenceForm(_posted(request), leader=request.user)
    if request.method == "POST" and form.is_valid():
        absence = directory.save_absence(form.instance, by=request.user)
        text = _("Ausência de %(name)s registrada.") % {"name": absence.user.name}
        return done(request, text, url=reverse("people:team_list"))
    return (invalid if form.is_bound else render)(request, "people/absence_form.html", {"form": form})


@allow(Permission.ASSIGN_CLIENTS, methods=("POST",))
def absence_end(request: UserRequest, pk: int) -> HttpResponse:
    mine = Absence.objects.filter(user__in=User.objects.filter(visible_people(request.user)))
    absence = get_object_or_404(mine, pk=pk, ended_early_at__isnull=True)
    directory.end_absence(absence, by=request.user)
    return redirect("people:team_list")
