"""What tells a generated company from a real one, and who may log in to it."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from people.models import Activity

GENERATED = "company_generated"
LOGINS = "generated_logins.json"


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    name: str
    email: str
    password: str


class NoLoginError(LookupError):
    """Nobody of that role, or the file of logins is gone."""


def is_generated() -> bool:
    return Activity.objects.filter(verb=GENERATED).exists()


def login_of(role: str) -> tuple[str, str]:
    """E-mail and password of a typical person of that role: a seller of average portfolio, the manager of a region."""
    for login in read_logins(Path(settings.DATA_DIR)):
        if login.role == role:
            return login.email, login.password
    raise NoLoginError(role)


def read_logins(data_dir: Path) -> list[Login]:
    path = data_dir / LOGINS
    return [Login(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def write_logins(data_dir: Path, logins: Sequence[Login]) -> None:
    """Readable by the owner of the installation only; whole or not at all."""
    draft = data_dir / f"{LOGINS}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(login) for login in logins], file, ensure_ascii=False, indent=1)
    draft.replace(data_dir / LOGINS)
