"""What the addresses of surveys promise: see tests/project/routes.py."""

from people.roles import Role
from tests.project.routing import BOTH, EVERYBODY, LEADERS, NOBODY, POST, WORKERS, Route

ASKERS = LEADERS | {Role.BACKOFFICE}
RUNNERS = frozenset({Role.MANAGER, Role.ADMIN})
IN_A_LETTER = "the address in a survey's letter, 128 random bits: clients and their mail programs have no login"
LOGO = "the logo in a survey's letter, the same for everybody: mail programs have no login"
# Cases of one's own clients are settled by somebody else.
NOT_OWN = frozenset({200, 403})
SETTLED = frozenset({204, 303, 403, 422})


def by_token(*methods: str) -> Route:
    """A token that we did not make is not found, and soon nothing is told to who guesses."""
    unknown = frozenset({404, 429})
    return Route(NOBODY, methods, public=IN_A_LETTER, fixed={"token": "unsigned"}, shown=unknown, answers=unknown)


NPS = {
    "nps:answer": by_token(*BOTH),
    "nps:thanks": by_token(*BOTH),
    "nps:refer": by_token(*BOTH),
    "nps:stop": by_token(*BOTH),
    "nps:privacy": by_token("GET"),
    "nps:brand": Route(NOBODY, public=LOGO, queries=("", "?v=x"), shown=frozenset({404})),
    "nps:survey_list": Route(RUNNERS),
    "nps:survey_create": Route(RUNNERS, BOTH),
    "nps:survey_detail": Route(RUNNERS, record="survey"),
    "nps:survey_edit": Route(RUNNERS, BOTH, "survey"),
    "nps:survey_toggle": Route(RUNNERS, POST, "survey"),
    "nps:settings_edit": Route(RUNNERS, BOTH),
    "nps:by_hand": Route(ASKERS, queries=("", "?pesquisa=1", "?pesquisa=x&pagina=2")),
    # Which client, the form says: one's own and hidden ones are not found.
    "nps:hand_over": Route(ASKERS, POST, answers=frozenset({200, 404, 422})),
    "nps:phone_answer": Route(ASKERS, BOTH, "others_client", key="client_pk", answers=SETTLED),
    "nps:results": Route(EVERYBODY, queries=("", "?periodo=12m&por=team", "?serie=x&periodo=x&por=x")),
    "nps:answer_list": Route(EVERYBODY, queries=("", "?tema=Zq&pagina=2", "?grupo=detractor&so=conferir&recorte=x")),
    "nps:answer_leave_out": Route(ASKERS, BOTH, "others_answer"),
    "nps:answer_put_back": Route(ASKERS, POST, "others_answer"),
    "nps:case_list": Route(EVERYBODY, queries=("", "?situacao=encerrados", "?situacao=x&de=meus&pagina=2")),
    "nps:case_detail": Route(EVERYBODY, record="case"),
    "nps:case_note": Route(WORKERS, BOTH, "case"),
    "nps:case_contacted": Route(ASKERS, POST, "case", answers=SETTLED),
    "nps:case_hand_over": Route(ASKERS, BOTH, "case", shown=NOT_OWN, answers=SETTLED),
    "nps:case_resolve": Route(ASKERS, BOTH, "case", shown=NOT_OWN, answers=SETTLED),
    "nps:case_reopen": Route(ASKERS, POST, "case", answers=SETTLED),
}
