"""What opens a survey's page: 128 bits that the base does not hold (RELIABILITY T17).

A token is worked out from an invitation's nonce and the installation's secret, so that a reminder can name the same
address; the base keeps its SHA-256 alone.
"""

import hashlib
import secrets
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from nps.models import Invitation

_SALT: Final = "nps.tokens"
BYTES: Final = 16
# Far beyond what is ever counted, and half of what the column holds.
_FIRST_STRAY: Final = 2**62


def new_nonce() -> str:
    return secrets.token_hex(BYTES)


def token_from(nonce: str) -> str:
    """32 hexadecimal digits."""
    return next(_tokens(nonce))


def _tokens(nonce: str) -> Iterator[str]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac(_SALT, nonce, secret=secret, algorithm="sha256").hexdigest()[: 2 * BYTES]


def token_of(invitation: Invitation) -> str:
    """Also under a secret that was changed since."""
    return next(token for token in _tokens(invitation.nonce) if digest_of(token) == invitation.digest)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def edit_key_of(token: str) -> str:
    """What an anonymous answer is found by: from the invitation's digest nobody can work it out."""
    return hashlib.sha256(f"{_SALT}.edit:{token}".encode()).hexdigest()


def stray_id() -> int:
    """For a row that must not tell in which order it came: counted ones do."""
    return _FIRST_STRAY + secrets.randbelow(_FIRST_STRAY)


def found(token: str) -> Invitation | None:
    """The invitation that the token opens."""
    opened = Invitation.objects.unscoped(reason="named by a token that only its client has")
    return opened.select_related("survey", "client", "owner").filter(digest=digest_of(token)).first()


def url_of(token: str, view: str = "answer") -> str:
    """An address of the public pages: `answer`, `stop`, `refer`."""
    return f"{settings.SITE_URL}{reverse(f'nps:{view}', args=[token])}"
