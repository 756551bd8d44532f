"""What every address promises, declared by hand and apart from the code: who may, over which records, how.

`ROUTES` and the resolver are compared both ways (test_routes); the canary walk and the check that GET never writes
take their expectations from here. A new route needs a line here before the tests pass.
"""

from tests.project.routes_nps import NPS
from tests.project.routing import (
    ADMINS,
    BOTH,
    EVERYBODY,
    GET,
    LEADERS,
    NOBODY,
    POST,
    READERS_OF_JOBS,
    WORKERS,
    Route,
)
from tests.project.worded import SCRIPT


def client_part(noun: str, *, primary: bool = True) -> dict[str, Route]:
    routes = {
        f"clients:{noun}_add": Route(WORKERS, BOTH, "client", key="client_pk"),
        f"clients:{noun}_edit": Route(WORKERS, BOTH, noun),
        f"clients:{noun}_remove": Route(WORKERS, POST, noun),
    }
    if primary:
        routes[f"clients:{noun}_make_primary"] = Route(WORKERS, POST, noun)
    return routes


FORM = frozenset({204, 302, 303, 422})
# Meu dia answers an act with the fresh list, a plain form with the page.
LIST_OR_PAGE = frozenset({200, 303})
LIST_QUERIES = (
    "",
    "?class=active",
    "?class=renewal",
    "?class=inactive",
    "?class=prospect",
    "?ordem=-nome&pagina=2",
    "?owner=1&team=1",
    "?ownerless=1",
    "?due=90&risk=high",
    "?class='--&ordem=;&pagina=x",
)

CORE = {
    "health": Route(NOBODY, public="process supervisors ask whether the web process answers; tells nothing else"),
    "service_worker": Route(
        NOBODY, public="browsers ask for the worker before anybody logs in; it is a file of the program"
    ),
    "offline": Route(NOBODY, public="shown without a connection; it is the same for everybody"),
}

PEOPLE = {
    "people:account": Route(EVERYBODY, BOTH),
    "people:own_email": Route(EVERYBODY, shown=frozenset({302})),
    "people:theme": Route(EVERYBODY, POST, answers=frozenset({204})),
    "people:notice_list": Route(EVERYBODY, queries=("", "?pagina=2", "?pagina=x")),
    "people:notice_read": Route(EVERYBODY, POST, "notice"),
    "people:notice_read_all": Route(EVERYBODY, POST, answers=frozenset({200, 302})),
    # The signed address lives in mails: one that we did not sign is not found.
    "people:digest_stop": Route(
        NOBODY,
        BOTH,
        public="the address in the daily mail, signed: mail programs post to it without a login",
        fixed={"token": "unsigned"},
        shown=frozenset({404}),
        answers=frozenset({404}),
    ),
    "people:team_list": Route(READERS_OF_JOBS),
    "people:team_create": Route(ADMINS, BOTH),
    "people:team_edit": Route(ADMINS, BOTH, "team"),
    "people:user_create": Route(ADMINS, BOTH),
    "people:user_edit": Route(ADMINS, BOTH, "user"),
    "people:absence_create": Route(LEADERS, BOTH),
    "people:absence_end": Route(LEADERS, POST, "absence"),
}

CLIENTS = {
    "clients:client_create": Route(WORKERS, BOTH),
    "clients:client_duplicates": Route(WORKERS, POST, answers=frozenset({200})),
    "clients:client_bulk_transfer": Route(LEADERS, POST, answers=frozenset({200, 204, 303})),
    "clients:client_edit": Route(WORKERS, BOTH, "client"),
    "clients:client_tags": Route(WORKERS, BOTH, "client"),
    "clients:client_document": Route(WORKERS, POST, "client", answers=frozenset({200})),
    "clients:client_transfer": Route(LEADERS, BOTH, "client"),
    "clients:client_release": Route(LEADERS, POST, "client"),
    "clients:consent_list": Route(EVERYBODY, GET, "client", key="client_pk"),
    "clients:consent_add": Route(WORKERS, BOTH, "client", key="client_pk"),
    "clients:opt_out_add": Route(WORKERS, BOTH, "client", key="client_pk"),
    # The token of an undo lives in one's own session: without it every client answers 404.
    "clients:belonging_restore": Route(
        WORKERS, POST, "client", key="client_pk", fixed={"token": "absent"}, answers=frozenset({404})
    ),
    **client_part("phone"),
    **client_part("email"),
    **client_part("address"),
    **client_part("person", primary=False),
}

CONTRACTS = {
    "contracts:purchase_create": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contracts:purchase_edit": Route(WORKERS, BOTH, "purchase"),
    "contracts:purchase_cancel": Route(WORKERS, POST, "purchase"),
    "contracts:purchase_return": Route(WORKERS, POST, "purchase"),
    "contracts:purchase_restore": Route(WORKERS, POST, "purchase"),
    "contracts:contract_create": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contracts:contract_edit": Route(WORKERS, BOTH, "contract"),
    "contracts:contract_renew": Route(WORKERS, BOTH, "contract"),
    "contracts:contract_cancel": Route(WORKERS, BOTH, "contract"),
    "contracts:contract_reinstate": Route(WORKERS, POST, "contract"),
    "contracts:contract_will_not_renew": Route(WORKERS, POST, "contract"),
}

TO_CORRECTION = frozenset({200, 204, 303})
CONTACT_LOGS = {
    "contacts:log_create": Route(
        WORKERS,
        BOTH,
        "client",
        key="client_pk",
        queries=("", "?canal=whatsapp&resultado=callback&volta=1", "?canal=x&telefone=x&resultado=%00&plano=x"),
    ),
    "contacts:log_quick": Route(WORKERS, POST, "client", key="client_pk"),
    "contacts:log_gate": Route(
        WORKERS, GET, "client", key="client_pk", queries=("", "?channel=call&purpose=offer", "?channel=x&purpose=x")
    ),
    "contacts:contact_links": Route(WORKERS, GET, "client", key="client_pk", queries=("", "?finalidade=x")),
    # Somebody else's contact, or one whose window has closed, leads on to its correction.
    "contacts:log_edit": Route(WORKERS, BOTH, "log", shown=TO_CORRECTION),
    "contacts:log_correct": Route(WORKERS, BOTH, "log"),
    # Nobody in the world of the walk has died.
    "contacts:death_take_back": Route(LEADERS, BOTH, "client", key="client_pk", answers=frozenset({422})),
    # Its author and leaders alone.
    "contacts:log_undo": Route(WORKERS, POST, "log", answers=frozenset({204, 303, 403})),
    "contacts:task_create": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contacts:task_edit": Route(WORKERS, BOTH, "task"),
    "contacts:task_done": Route(WORKERS, POST, "task"),
    "contacts:task_cancel": Route(WORKERS, POST, "task"),
    "contacts:task_reopen": Route(WORKERS, POST, "task"),
    "contacts:note_create": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contacts:note_mentions": Route(WORKERS, GET, "client", key="client_pk", queries=("", "?q=a", "?q=%00")),
    "contacts:attachment_add": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contacts:attachment_download": Route(WORKERS, POST, "attachment", answers=frozenset({200})),
    "contacts:attachment_remove": Route(WORKERS, POST, "attachment"),
    "contacts:attachment_restore": Route(WORKERS, POST, "removed_attachment"),
}

CONTACT_PLANS = {
    "contacts:plan_list": Route(LEADERS),
    "contacts:plan_create": Route(LEADERS, BOTH),
    "contacts:plan_detail": Route(LEADERS, GET, "plan"),
    "contacts:plan_edit": Route(LEADERS, BOTH, "plan"),
    "contacts:plan_duplicate": Route(LEADERS, POST, "plan"),
    "contacts:plan_activate": Route(LEADERS, POST, "plan"),
    "contacts:plan_pause": Route(LEADERS, POST, "plan"),
    "contacts:plan_members": Route(LEADERS, GET, "plan", queries=("", "?situacao=saidas", "?situacao=x&pagina=x")),
    "contacts:step_add": Route(LEADERS, BOTH, "plan"),
    "contacts:step_edit": Route(LEADERS, BOTH, "plan_step"),
    "contacts:step_move": Route(LEADERS, POST, "plan_step"),
    "contacts:step_remove": Route(LEADERS, POST, "plan_step"),
    "contacts:plan_join": Route(WORKERS, BOTH, "client", key="client_pk"),
    "contacts:membership_leave": Route(WORKERS, BOTH, "membership"),
}

# The page of a batch leads on to the step it is in.
BATCH = frozenset({200, 204, 303})
IMPORTS = {
    "imports:batch_list": Route(LEADERS, queries=("", "?pagina=2", "?pagina=x")),
    "imports:batch_upload": Route(LEADERS, BOTH),
    "imports:batch_model": Route(LEADERS, fixed={"kind": "clients"}),
    "imports:batch_detail": Route(LEADERS, GET, "import", shown=BATCH),
    "imports:batch_mapping": Route(LEADERS, BOTH, "import", shown=BATCH),
    "imports:batch_reread": Route(LEADERS, POST, "import"),
    "imports:batch_check": Route(
        LEADERS, GET, "import", queries=("", "?mostrar=create", "?mostrar=x&pagina=x"), shown=BATCH
    ),
    "imports:batch_run": Route(LEADERS, POST, "import"),
    "imports:batch_progress": Route(LEADERS, GET, "import", shown=BATCH),
    "imports:batch_rejects": Route(LEADERS, GET, "import", queries=("", "?formato=xlsx")),
    "imports:batch_undo": Route(LEADERS, POST, "import"),
    "imports:batch_cancel": Route(LEADERS, POST, "import"),
}

PORTFOLIO = {
    "portfolio:home": Route(EVERYBODY, shown=frozenset({302})),
    "portfolio:my_day": Route(WORKERS, queries=("", "?dia=x")),
    "portfolio:agenda_refresh": Route(WORKERS, POST, answers=LIST_OR_PAGE),
    "portfolio:agenda_act": Route(WORKERS, POST, "client", key="client_pk", answers=LIST_OR_PAGE),
    "portfolio:agenda_snooze": Route(WORKERS, BOTH, "client", key="client_pk", answers=LIST_OR_PAGE),
    "portfolio:agenda_unsnooze": Route(WORKERS, POST, "postponement", answers=LIST_OR_PAGE),
    "portfolio:client_list": Route(EVERYBODY, queries=LIST_QUERIES),
    "portfolio:client_search": Route(EVERYBODY, POST),
    "portfolio:client_filter": Route(EVERYBODY),
    "portfolio:client_columns": Route(EVERYBODY, POST),
    # Without a fresh proof of identity it asks for one.
    "portfolio:client_export": Route(LEADERS, POST, answers=frozenset({303})),
    "portfolio:client_tag": Route(WORKERS, POST),
    "portfolio:segment_list": Route(EVERYBODY, queries=("", "?class=active&owner=1")),
    "portfolio:segment_create": Route(EVERYBODY, BOTH),
    "portfolio:segment_edit": Route(EVERYBODY, BOTH, "segment", queries=("", "?class=renewal")),
    "portfolio:segment_remove": Route(EVERYBODY, POST, "segment"),
    "portfolio:segment_plan": Route(LEADERS, BOTH, "segment", queries=("", "?plan=1", "?plan=x")),
    "portfolio:coverage_report": Route(LEADERS),
    "portfolio:segment_plan_stop": Route(LEADERS, POST, "segment_plan"),
    "portfolio:client_detail": Route(
        EVERYBODY,
        GET,
        "client",
        queries=("", "?aba=compras", "?aba=contratos", "?aba=historico", "?tipo=contatos", "?aba=x&tipo=x&desde=x"),
    ),
    "portfolio:client_panel": Route(EVERYBODY, GET, "client", fixed={"panel": "facts"}),
    "portfolio:calendar_view": Route(
        EVERYBODY, queries=("", "?modo=mes", "?modo=mes&dia=2027-01-31", "?vendedor=1", "?modo=x&dia=x&vendedor=x")
    ),
    "portfolio:calendar_add": Route(WORKERS, BOTH, queries=("", "?dia=2026-12-01"), answers=frozenset({200})),
    "portfolio:calendar_feed": Route(EVERYBODY, BOTH, answers=frozenset({200})),
    "portfolio:calendar_feed_close": Route(EVERYBODY, POST),
    # A secret that exists stands in the world of the walk.
    "portfolio:calendar_ical": Route(
        NOBODY,
        public="programs that show calendars cannot log in: the address itself is the secret, kept as a hash",
        fixed={"secret": "secret-of-the-calendar"},
    ),
    "portfolio:palette_search": Route(EVERYBODY, POST, answers=frozenset({200})),
    "portfolio:palette_acts": Route(EVERYBODY, POST, "client", answers=frozenset({200})),
    "portfolio:distribution": Route(LEADERS),
    "portfolio:distribution_propose": Route(LEADERS, POST),
    "portfolio:distribution_detail": Route(
        LEADERS, GET, "distribution", queries=("", "?seller=none", "?seller=refused", "?seller=1&page=x")
    ),
    "portfolio:distribution_progress": Route(LEADERS, GET, "distribution", shown=frozenset({204, 303})),
    "portfolio:distribution_resume": Route(LEADERS, POST, "distribution"),
    "portfolio:distribution_apply": Route(LEADERS, POST, "distribution"),
    "portfolio:distribution_undo": Route(LEADERS, POST, "distribution"),
    "portfolio:distribution_discard": Route(LEADERS, POST, "distribution"),
    "portfolio:seller_leave": Route(ADMINS, BOTH, "seller"),
}

GATE = {
    "contacts:block_list_list": Route(ADMINS),
    "contacts:block_list_create": Route(ADMINS, BOTH),
    "contacts:number_check": Route(ADMINS, POST, answers=frozenset({200})),
    "contacts:block_list_detail": Route(ADMINS, GET, "block_list"),
    "contacts:block_list_edit": Route(ADMINS, BOTH, "block_list"),
    "contacts:block_list_remove": Route(ADMINS, POST, "block_list"),
    "contacts:block_list_load": Route(ADMINS, POST, "block_list"),
    "contacts:block_list_progress": Route(ADMINS, GET, "block_list", shown=frozenset({204, 303})),
    "contacts:load_problems": Route(ADMINS, GET, "list_load"),
}

WORDS = {
    # Words that are wrong are said, not refused: 200; 422 for a mail that may not go now.
    "contacts:message_compose": Route(
        WORKERS,
        BOTH,
        "client",
        key="client_pk",
        queries=("", "?canal=email&ocasiao=renewal", "?canal=sms&modelo=1&telefone=x&plano=-1"),
        answers=frozenset({200, 303, 422}),
    ),
    "contacts:message_undo": Route(WORKERS, POST, "mail"),
    # Without a provider in the settings there is nothing to call through, and nobody to listen to.
    "contacts:call_start": Route(WORKERS, POST, "client", key="client_pk", answers=frozenset({400})),
    # The signed address lives in mails: one that we did not sign is not found.
    "contacts:offer_stop": Route(
        NOBODY,
        BOTH,
        public="the address in an offer by mail, signed: clients and their mail programs have no login",
        fixed={"token": "unsigned"},
        shown=frozenset({404}),
        answers=frozenset({404}),
    ),
    "contacts:provider_report": Route(
        NOBODY,
        POST,
        public="providers cannot log in: their adapter checks the signature of each report",
        fixed={"channel": "whatsapp"},
        answers=frozenset({404}),
    ),
    "contacts:mail_report": Route(
        NOBODY,
        POST,
        public="mail providers cannot log in: their password or signature is checked",
        fixed={"provider": "postmark"},
        answers=frozenset({404}),
    ),
    "contacts:template_list": Route(WORKERS),
    "contacts:template_create": Route(WORKERS, BOTH),
    "contacts:template_preview": Route(WORKERS, POST, answers=frozenset({200})),
    "contacts:template_edit": Route(WORKERS, BOTH, "template"),
    "contacts:template_retire": Route(WORKERS, POST, "template"),
    "contacts:template_restore": Route(WORKERS, POST, "template"),
    "contacts:script_list": Route(WORKERS),
    "contacts:script_detail": Route(WORKERS, GET, "script"),
    "contacts:script_show": Route(WORKERS, GET, "client", key="client_pk", fixed={"pk": SCRIPT}),
    "contacts:script_create": Route(LEADERS, BOTH),
    "contacts:script_edit": Route(LEADERS, BOTH, "script"),
    "contacts:script_retire": Route(LEADERS, POST, "script"),
    "contacts:script_restore": Route(LEADERS, POST, "script"),
    "contacts:block_add": Route(LEADERS, BOTH, "script"),
    "contacts:block_edit": Route(LEADERS, BOTH, "block"),
    "contacts:block_move": Route(LEADERS, POST, "block"),
    "contacts:block_remove": Route(LEADERS, POST, "block"),
}

JOBS = {
    "jobs:job_list": Route(READERS_OF_JOBS, queries=("", "?pagina=2", "?estado=x&pagina=x")),
    "jobs:night_run": Route(ADMINS, POST),
    "jobs:queue_check": Route(ADMINS, POST),
    "jobs:job_detail": Route(READERS_OF_JOBS, GET, "job"),
    "jobs:job_progress": Route(READERS_OF_JOBS, GET, "job"),
    "jobs:job_retry": Route(ADMINS, POST, "job"),
    "jobs:message_list": Route(READERS_OF_JOBS, queries=("", "?state=sent", "?pagina=2", "?kind=x&pagina=x")),
    "jobs:message_mark_sent": Route(ADMINS, POST, "outbox"),
    "jobs:message_send_again": Route(ADMINS, POST, "outbox"),
}

ROUTES: dict[str, Route] = {
    **CORE,
    **PEOPLE,
    **CLIENTS,
    **CONTRACTS,
    **CONTACT_LOGS,
    **CONTACT_PLANS,
    **IMPORTS,
    **PORTFOLIO,
    **GATE,
    **WORDS,
    **JOBS,
    **NPS,
}

# Addresses that are not ours: who guards them instead. Checked in test_routes; walked in test_canary_walk.
FOREIGN: dict[str, str] = {
    "allauth": "conta/: login, password, second factor and sessions; each acts on the logged-in person only",
    "admin": "admin/: behind CarteiraAdminSite.has_permission, admins only; walked by test_admin",
}
# allauth's own addresses that work without a login. One that is not here must ask for one.
PUBLIC_ALLAUTH: dict[str, str] = {
    "account_login": "the login itself",
    "account_logout": "leaving; a stranger is sent to the login",
    "account_signup": "answers that sign-up is closed",
    "account_inactive": "tells a disabled person why the login fails",
    "account_reset_password": "asks for the mail that resets a password; answers alike for known and unknown",
    "account_reset_password_done": "tells that a mail may have gone out",
    "account_reset_password_from_key": "the address in that mail: a signed key, once",
    "account_reset_password_from_key_done": "tells that the password was changed",
    "account_email_verification_sent": "tells that a mail may have gone out",
    "account_confirm_email": "the address in a mail: a signed key",
    "mfa_authenticate": "second step of the login: needs the first in the session",
    "mfa_trust": "last step of the login: needs the ones before in the session",
    "mfa_login_webauthn": "login by passkey",
    "mfa_reauthenticate_webauthn": "second proof of somebody logged in",
    "mfa_reauthenticate": "second proof of somebody logged in",
    "account_reauthenticate": "second proof of somebody logged in",
}
