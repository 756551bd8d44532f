"""The `segmento` column: sectors by folded name; new names become sectors."""

from collections.abc import Iterable

from brazil.names import folded
from clients.models import Sector

KEY_LENGTH = 80


def sector_key(name: str) -> str:
    return folded(name)[:KEY_LENGTH]


def sectors_named(names: Iterable[str]) -> dict[str, int]:
    """Ids by key."""
    wanted = {sector_key(name): name for name in names if name.strip()}
    if not wanted:
        return {}
    Sector.objects.bulk_create(
        [Sector(key=key, name=name) for key, name in sorted(wanted.items())], ignore_conflicts=True
    )
    return dict(Sector.objects.filter(key__in=wanted).values_list("key", "pk"))
