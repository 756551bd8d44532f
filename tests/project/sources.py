"""The project's own files, for the checks that read them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lowest first, as docs and import-linter have it; those of one line may not refer to each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("brazil",),
    ("core",),
    ("people",),
    ("jobs",),
    ("clients",),
    ("contracts",),
    ("contacts",),
    ("nps",),
    ("sales",),
    ("goals", "imports"),
    ("portfolio",),
    ("api",),
    ("carteira",),
)
APPS = tuple(app for layer in LAYERS for app in layer)


def height(app: str) -> int:
    return next(index for index, layer in enumerate(LAYERS) if app in layer)


def python_files() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))


def own_code() -> Iterator[Path]:
    """Without migrations."""
    return (path for path in python_files() if "migrations" not in path.parts)


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
