"""Everything between a fresh checkout and a web server that can start; later runs find little to do.

`python -m carteira.preparation` is run by the launcher and, in a deployment, once per release; with `files`
it leaves the database alone, for building an image.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import django
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, ManagementUtility, call_command
from django.core.management.base import BaseCommand

from carteira import env


def main(arguments: list[str]) -> int:
    try:
        django.setup()
        prepare_files()
        if arguments != ["files"]:
            prepare_database()
    except (ImproperlyConfigured, CommandError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def prepare_files() -> None:
    compile_translations(Path(folder) for folder in settings.LOCALE_PATHS)
    collect_static(Path(settings.STATIC_ROOT), [Path(folder) for folder in settings.STATICFILES_DIRS])


def prepare_database() -> None:
    migrate()
    if settings.DEMO and not is_generated():
        load_demo(Path(settings.DATA_DIR))


def is_generated() -> bool:
    """A company of `manage.py generate` takes the place of the demo."""
    from carteira.generator import marks  # noqa: PLC0415  (only after django.setup)

    return marks.is_generated()


def compile_translations(folders: Iterable[Path]) -> int:
    """Babel instead of the system's gettext, which a fresh machine may lack."""
    sources = [path for folder in folders for path in sorted(folder.glob("*/LC_MESSAGES/*.po"))]
    stale = [path for path in sources if _is_older(path.with_suffix(".mo"), path)]
    for path in stale:
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(source, locale=path.parent.parent.name))
    return len(stale)


def _is_older(target: Path, source: Path) -> bool:
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


# --- Static files ---------------------------------------------------------------------------------


def collect_static(root: Path, sources: list[Path]) -> bool:
    key = fingerprint(sources)
    mark = root / ".fingerprint"
    if mark.exists() and mark.read_text() == key:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(key)
    return True


def fingerprint(folders: list[Path]) -> str:
    """Changes with any file of ours and with the installed packages, which bring files too."""
    digest = hashlib.sha256()
    lock = Path(__file__).resolve().parent.parent / "requirements" / "main.txt"
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in [*files, lock]:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


# --- Database -------------------------------------------------------------------------------------


MIGRATING = 0x6361_7274  # The advisory lock of those who bring the tables up to date.


class CommandLine(ManagementUtility):
    """manage.py: our own commands find the embedded database's tables there, even in a new data folder."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        is_ours = not command.__module__.startswith("django.")
        without = {"-h", "--help"} & set(self.argv) or env.flag("CARTEIRA_NO_DATABASE", default=False)
        if is_ours and settings.EMBEDDED_POSTGRES and not without:
            complete_database()
        return command


def complete_database() -> None:
    """Quiet on stdout, which belongs to the command."""
    if not is_complete():
        sys.stderr.write("Preparando o banco de dados …\n")
        with redirect_stdout(sys.stderr):
            migrate()


def migrate() -> None:
    with only_one():
        if not is_complete():
            call_command("migrate", interactive=False, verbosity=1)


def is_complete() -> bool:
    from django.db import connection  # noqa: PLC0415  (only after django.setup)
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415  (only after django.setup)

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@contextmanager
def only_one() -> Iterator[None]:
    """Of two that start together on an empty database, the second waits and finds everything done."""
    from django.db import connection  # noqa: PLC0415  (only after django.setup)

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
            cursor.execute("RESET lock_timeout; RESET statement_timeout")


def load_demo(data_dir: Path) -> bool:
    from django.contrib.auth import get_user_model  # noqa: PLC0415  (only after django.setup)

    if read_logins(data_dir) and get_user_model().objects.exists():
        return False
    call_command("demo")
    return True


def read_logins(data_dir: Path) -> list[dict[str, str]]:
    """What `manage.py demo` wrote: role, name, email and password of each login."""
    path = data_dir / "demo_logins.json"
    logins: list[dict[str, str]] = json.loads(path.read_text()) if path.exists() else []
    return logins


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
