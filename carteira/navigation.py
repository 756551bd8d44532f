"""What the shell around every page shows: menu, theme, company."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from people import notifications
from people.models import User
from people.roles import Permission


@dataclass(frozen=True)
class MenuEntry:
    view: str
    icon: str
    label: Promise | str
    permission: Permission
    section: Promise | str = ""
    key: str = ""


@dataclass(frozen=True, eq=False)
class NavItem:
    """One link of the sidebar as the template needs it; kept, so that each is its own key of what is rendered of it."""

    url: str
    icon: str
    label: Promise | str
    section: Promise | str
    active: bool
    key: str = ""
    count: int | None = None


MENU = (
    MenuEntry("portfolio:my_day", "sun", _("Meu dia"), Permission.CONTACT, key="d"),
    MenuEntry("portfolio:client_list", "address-book", _("Carteira"), Permission.VIEW_CLIENTS, key="c"),
    MenuEntry("portfolio:calendar_view", "calendar", _("Agenda"), Permission.VIEW_CLIENTS, key="a"),
    MenuEntry("portfolio:distribution", "arrows-split-2", _("Distribuição"), Permission.DISTRIBUTE, _("Gestão"), "b"),
    MenuEntry("portfolio:coverage_report", "phone-check", _("Cobertura"), Permission.PLAN_CONTACTS, _("Gestão"), "o"),
    MenuEntry("nps:results", "mood-smile", _("Satisfação"), Permission.VIEW_CLIENTS, _("Gestão"), "n"),
    MenuEntry("contacts:plan_list", "checklist", _("Planos de contato"), Permission.PLAN_CONTACTS, _("Gestão")),
    MenuEntry("contacts:template_list", "message", _("Modelos e roteiros"), Permission.CONTACT, _("Gestão")),
    MenuEntry("imports:batch_list", "upload", _("Importação"), Permission.IMPORT_FILES, _("Gestão"), "i"),
    MenuEntry("contacts:block_list_list", "ban", _("Bloqueios"), Permission.CONFIGURE, _("Gestão")),
    MenuEntry("people:team_list", "users", _("Equipes"), Permission.VIEW_PEOPLE, _("Gestão"), "e"),
    MenuEntry("jobs:job_list", "robot", _("Tarefas automáticas"), Permission.VIEW_JOBS, _("Gestão"), "t"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"company_name": settings.COMPANY_NAME, "theme": "", "nav_items": (), "perms_of": {}}
    allowed = user.permissions if user.is_active else frozenset()
    return {
        "company_name": settings.COMPANY_NAME,
        "theme": user.theme,
        # Asked by whole pages alone, which show the bell; fragments have none.
        "unread_notices": SimpleLazyObject(partial(notifications.unread_count, user)),
        "nav_items": _menu_of(allowed, frozenset(url for url in _addresses().values() if request.path.startswith(url))),
        # Templates ask `perms_of.sell`; the view behind each button checks again.
        "perms_of": {permission.value: permission in allowed for permission in Permission},
    }


@cache
def _addresses() -> dict[str, str]:
    return {entry.view: reverse(entry.view) for entry in MENU}


@cache
def _menu_of(allowed: frozenset[Permission], active: frozenset[str]) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(
            url=(url := _addresses()[entry.view]),
            icon=entry.icon,
            label=entry.label,
            section=entry.section,
            key=entry.key,
            active=url in active,
        )
        for entry in MENU
        if entry.permission in allowed
    )
