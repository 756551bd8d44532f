import pytest

from jobs import queue, registry
from tests.factories import Cast, make_cast


@pytest.fixture
def cast(db, settings) -> Cast:
    # Nobody types a password here, so none needs to be slow to check.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_cast()


@pytest.fixture
def kinds(monkeypatch):
    """Handlers registered by a test go away with it."""
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))
    monkeypatch.setattr(registry, "_count_labels", dict(registry._count_labels))
    return registry.handler


@pytest.fixture(autouse=True)
def broker_listens(monkeypatch):
    """Each test starts as if the broker had never been away."""
    monkeypatch.setattr(queue, "_silent_until", 0.0)
