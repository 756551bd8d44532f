"""Words shared by many clients, sectors and tags: chosen from the list, or new by typing."""

from collections.abc import Iterable

from brazil.names import folded
from clients.models import Sector, Tag

SECTOR_LENGTH = 80
TAG_LENGTH = 40


def sector_named(name: str) -> Sector | None:
    """The sector of that name, however it is accented; made when it is new."""
    name = " ".join(name.split())
    if not name:
        return None
    # A folded letter may be two: ß, ss.
    return Sector.objects.get_or_create(key=folded(name)[:SECTOR_LENGTH], defaults={"name": name})[0]


def tags_named(names: Iterable[str]) -> list[Tag]:
    wanted = {folded(name)[:TAG_LENGTH]: " ".join(name.split()) for name in names if name.strip()}
    return [Tag.objects.get_or_create(key=key, defaults={"name": name})[0] for key, name in sorted(wanted.items())]
