"""Typed readers of environment variables that fail loudly."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    raw = text(name).lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on", "sim"}:
        return True
    if raw in {"0", "false", "no", "off", "nao", "não"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}.")


def integer(name: str, *, default: int) -> int:
    raw = text(name)
    try:
        return int(raw) if raw else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from error


def listing(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """Comma-separated values."""
    raw = text(name)
    return [item.strip() for item in raw.split(",") if item.strip()] if raw else list(default)


def folder(name: str, *, default: Path) -> Path:
    return Path(text(name)).expanduser().resolve() if text(name) else default.resolve()
