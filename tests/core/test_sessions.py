"""Sessions are read and written by statements of our own."""

import pytest
from django.contrib.sessions.backends.base import CreateError, UpdateError

from core.sessions import SessionStore

pytestmark = pytest.mark.django_db


def stored(**values: str) -> SessionStore:
    session = SessionStore()
    session.update(values)
    session.save()
    return session


def test_what_is_saved_again_is_read_again() -> None:
    key = stored(search="ana").session_key
    again = SessionStore(key)
    again["columns"] = "nome"
    again.save()

    assert dict(SessionStore(key).items()) == {"search": "ana", "columns": "nome"}


def test_session_ended_meanwhile_is_not_born_again() -> None:
    """Who logs out in another window stays out, whatever this one still writes."""
    session = stored(search="ana")
    session["columns"] = "nome"
    SessionStore().delete(session.session_key)

    with pytest.raises(UpdateError):
        session.save()
    assert not SessionStore().exists(session.session_key)


def test_taken_key_is_not_taken_over() -> None:
    session = stored(search="ana")
    other = SessionStore(session.session_key)

    with pytest.raises(CreateError):
        other.save(must_create=True)
    assert SessionStore(session.session_key)["search"] == "ana"
