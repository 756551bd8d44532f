"""What was said to a client of the world, every field a canary: a contact, a task, a note, two files."""

import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from clients.models import Client
from contacts.models import Attachment, ClientNote, ContactLog, ContactOutcome, Task
from people.models import User
from tests.project.canaries import Canaries


def spoken(make: Canaries, label: str, client: Client, *, by: User) -> dict[str, int]:
    """Ids by kind of record."""
    log = ContactLog.objects.create(
        client=client,
        by=by,
        outcome=ContactOutcome.objects.get(code="interested"),
        used=make.phone(label, "number called"),
        note=make.word(label, "contact note"),
    )
    mail = ContactLog.objects.create(
        client=client,
        by=by,
        channel="email",
        outcome=ContactOutcome.objects.get(code="sent"),
        used=make.email(label, "address written to"),
        note=make.word(label, "mail"),
    )
    task = Task.objects.create(
        client=client,
        created_by=by,
        title=make.word(label, "task"),
        note=make.word(label, "task note"),
        due_on=timezone.localdate() + datetime.timedelta(days=1),
    )
    ClientNote.objects.create(client=client, by=by, text=make.word(label, "note"))
    files = {"attachment": None, "removed_attachment": timezone.now()}
    kept = {kind: _file(make, label, client, by, kind, removed_at) for kind, removed_at in files.items()}
    return {"log": log.pk, "mail": mail.pk, "task": task.pk, **kept}


def _file(make: Canaries, label: str, client: Client, by: User, kind: str, removed_at: datetime.datetime | None) -> int:
    key = make.word(label, f"{kind} key")
    kept = Attachment(
        client=client,
        key=key,
        name=f"{make.word(label, kind)}.txt",
        media_type="text/plain",
        size=1,
        by=by,
        removed_at=removed_at,
    )
    kept.file.save(key, ContentFile(make.word(label, f"{kind} content").encode()), save=False)
    kept.save()
    return kept.pk
