"""Django's sessions in the database, read by a prepared statement and written by a plain one: every request of a
logged-in person asks for one, and every page of the list writes one."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from core.statements import Later, Statement


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = SESSION.ask(key=self.session_key, now=timezone.now())
        if found:
            return self.model(**found[0])
        self._session_key = None
        return None

    def save(self, must_create: bool = False) -> None:
        """A session that exists is one row to change: without a transaction round it, and without its signals."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        same = self.model.objects.filter(session_key=row.session_key)
        if not same.update(session_data=row.session_data, expire_date=row.expire_date):
            raise UpdateError


def _session() -> Any:
    sessions = SessionStore.get_model_class().objects
    return sessions.filter(session_key=Later("key"), expire_date__gt=Later("now")).values()


SESSION = Statement(_session)
