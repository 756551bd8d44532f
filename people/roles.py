"""Roles, permissions and the reach of each role: who may do what, and over whose records (DOMAIN 5)."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Everything a person may be allowed to do. A route declares one of these; nothing else grants access."""

    VIEW_OWN_ACCOUNT = "view_own_account"
    VIEW_CLIENTS = "view_clients"
    EDIT_CLIENTS = "edit_clients"
    CONTACT = "contact"
    PLAN_CONTACTS = "plan_contacts"
    SELL = "sell"
    MANAGE_CONTRACTS = "manage_contracts"
    # Hands links over, writes answers down, settles cases; and says what is asked of whom.
    SURVEY = "survey"
    RUN_SURVEYS = "run_surveys"
    REVEAL_DOCUMENTS = "reveal_documents"
    ASSIGN_CLIENTS = "assign_clients"
    IMPORT_FILES = "import_files"
    DISTRIBUTE = "distribute"
    VIEW_JOBS = "view_jobs"
    RUN_JOBS = "run_jobs"
    VIEW_PEOPLE = "view_people"
    MANAGE_PEOPLE = "manage_people"
    CONFIGURE = "configure"
    USE_ADMIN = "use_admin"


class Role(models.TextChoices):
    SELLER = "seller", _("Vendedor")
    SUPERVISOR = "supervisor", _("Supervisor")
    MANAGER = "manager", _("Gerente")
    BACKOFFICE = "backoffice", _("Backoffice")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrador")


class Reach(StrEnum):
    """Whose clients a role sees: its own, those of its subtree of teams, or everyone's."""

    OWN = "own"
    SUBTREE = "subtree"
    EVERYONE = "everyone"


REACH: dict[str, Reach] = {
    Role.SELLER: Reach.OWN,
    Role.SUPERVISOR: Reach.SUBTREE,
    Role.MANAGER: Reach.SUBTREE,
    Role.BACKOFFICE: Reach.EVERYONE,
    Role.AUDITOR: Reach.EVERYONE,
    Role.ADMIN: Reach.EVERYONE,
}

_WORK = {
    Permission.VIEW_OWN_ACCOUNT,
    Permission.VIEW_CLIENTS,
    Permission.EDIT_CLIENTS,
    Permission.CONTACT,
    Permission.SELL,
    Permission.MANAGE_CONTRACTS,
    Permission.REVEAL_DOCUMENTS,
}
_LEAD = _WORK | {
    Permission.PLAN_CONTACTS,
    Permission.ASSIGN_CLIENTS,
    Permission.IMPORT_FILES,
    Permission.DISTRIBUTE,
    Permission.VIEW_JOBS,
    Permission.VIEW_PEOPLE,
    Permission.SURVEY,
}

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.SELLER: frozenset(_WORK),
    Role.SUPERVISOR: frozenset(_LEAD),
    Role.MANAGER: frozenset(_LEAD | {Permission.RUN_SURVEYS}),
    Role.BACKOFFICE: frozenset(_WORK | {Permission.SURVEY}),
    Role.AUDITOR: frozenset(
        {Permission.VIEW_OWN_ACCOUNT, Permission.VIEW_CLIENTS, Permission.VIEW_JOBS, Permission.VIEW_PEOPLE}
    ),
    Role.ADMIN: frozenset(Permission),
}

# A leader can hand a portfolio over, a customer's rights hang on these logins: they need a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.MANAGER, Role.ADMIN})
