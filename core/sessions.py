"""Django's sessions in the database, read by a prepared statement: every request of a logged-in person asks for one."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from core.statements import Later, Statement


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = SESSION.ask(key=self.session_key, now=timezone.now())
        if found:
            return self.model(**found[0])
        self._session_key = None
        return None


def _session() -> Any:
    sessions = SessionStore.get_model_class().objects
    return sessions.filter(session_key=Later("key"), expire_date__gt=Later("now")).values()


SESSION = Statement(_session)
