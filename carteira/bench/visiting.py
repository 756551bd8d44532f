"""Who asks for the pages that are measured: a seller, the manager of a region, an admin."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from carteira.bench.browsing import Browser
from carteira.bench.figures import BenchError
from carteira.bench.serving import Server
from carteira.generator.marks import NoLoginError, login_of
from clients.models import Client
from people.models import User
from people.roles import Role

SESSION_SECONDS = 2 * 60 * 60
ROLES = (Role.SELLER, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Visitor:
    role: str
    user: User
    browser: Browser


@contextmanager
def visitor(role: str, server: Server) -> Iterator[Visitor]:
    """Somebody of the role with clients: through the login page where the password is known."""
    browser = Browser(server.port)
    try:
        email, password = login_of(role)
    except NoLoginError:
        user = someone(role)
        browser.cookies |= session_cookies(user)
        browser.get("/minha-conta/")
    else:
        user = User.objects.get(email=email)
        browser.log_in(email, password)
    try:
        yield Visitor(role, user, browser)
    finally:
        browser.close()


def someone(role: str) -> User:
    """The person of the role who sees most."""
    people = User.objects.filter(role=role, is_active=True)
    seen = {user: Client.objects.visible_to(user).count() for user in people[:20]}
    user = max(seen, key=lambda user: seen[user], default=None)
    if user is None or not seen[user]:
        raise BenchError(f"A base não tem ninguém com o papel {role} que veja clientes: rode manage.py generate antes.")
    return user


def session_cookies(user: User) -> dict[str, str]:
    """A session, as the login page leaves it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["epoch"] = user.session_epoch
    session["logged_in_at"] = int(time.time())
    session.set_expiry(SESSION_SECONDS)
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}
