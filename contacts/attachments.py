"""Files kept with a client. What a file is, its content says; its name is only shown, never used on disk."""

import secrets
import zipfile
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import versions
from clients.models import Client
from contacts.models import Attachment, ContactLog
from people import activity
from people.models import User

MOST_BYTES: Final = 20 * 1024 * 1024
_HEAD: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
# Extension: media type.
KINDS: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "txt": "text/plain",
    "csv": "text/csv",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
}
ACCEPTED: Final = ",".join(f".{extension}" for extension in (*KINDS, "jpeg"))
_SIGNATURES: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
)
# The folder that tells a text document from a sheet.
_OFFICE_PARTS: Final = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
WHY_NOT: Final = {
    "empty": gettext_lazy("O arquivo está vazio. Escolha outro."),
    "size": gettext_lazy("O arquivo passa de 20 MB. Reduza ou divida."),
    "kind": gettext_lazy("Aceitamos PDF, imagem, DOCX, XLSX, texto, CSV e áudio MP3 ou OGG. Converta e envie de novo."),
}


class RefusedFileError(Exception):
    """`code` is a key of WHY_NOT."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ContactUndoneError(Exception):
    """The contact that the file came with was undone."""


@transaction.atomic
def add(client: Client, upload: File[bytes], *, by: User, log: ContactLog | None = None) -> Attachment:
    """Keeps the file; raises RefusedFileError for what is empty, too large or of a kind not on the list."""
    kind = checked(upload)
    versions.lock(client.pk)
    attachment = Attachment(
        client=client,
        log=log,
        key=secrets.token_hex(20),
        name=shown_name(upload.name or "", kind),
        media_type=KINDS[kind],
        size=upload.size,
        by=by,
    )
    attachment.file.save(attachment.key, upload, save=False)
    attachment.save()
    activity.record("attachment_added", client, by=by, attachment=attachment.pk, kind=kind, size=attachment.size)
    return attachment


def record_download(attachment: Attachment, *, by: User) -> None:
    activity.record("attachment_downloaded", attachment.client, by=by, attachment=attachment.pk)


@transaction.atomic
def remove(attachment: Attachment, *, by: User) -> None:
    """No longer shown nor given out; the file stays until nothing may be undone (contacts.attachment_night)."""
    _mark(attachment, removed_at=timezone.now(), verb="attachment_removed", by=by)


@transaction.atomic
def restore(attachment: Attachment, *, by: User) -> None:
    """Raises ContactUndoneError: what an undone contact took along stays away."""
    versions.lock(attachment.client_id)
    if attachment.log is not None and attachment.log.undone_at is not None:
        raise ContactUndoneError
    _mark(attachment, removed_at=None, verb="attachment_restored", by=by)


def _mark(attachment: Attachment, *, removed_at: Any, verb: str, by: User) -> None:
    client = versions.lock(attachment.client_id)
    attachment.refresh_from_db(fields=["removed_at"])
    if (attachment.removed_at is None) == (removed_at is None):
        return
    attachment.removed_at = removed_at
    attachment.save(update_fields=["removed_at"])
    activity.record(verb, client, by=by, attachment=attachment.pk)


def checked(upload: File[bytes]) -> str:
    """The kind of the file. Raises RefusedFileError."""
    if not upload.size:
        raise RefusedFileError("empty")
    if upload.size > MOST_BYTES:
        raise RefusedFileError("size")
    kind = kind_of(upload)
    if not kind:
        raise RefusedFileError("kind")
    return kind


def kind_of(upload: File[bytes]) -> str:
    """By content; a name only tells lists from other text. Empty: not on the list."""
    upload.seek(0)
    head = upload.read(_HEAD)
    found = _by_signature(head) or _office_kind(upload, head) or _text_kind(upload, head)
    upload.seek(0)
    return found


def _by_signature(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    # An MP3 without a tag begins with a frame: eleven set bits, layer III.
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "mp3"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "")


def _office_kind(upload: File[bytes], head: bytes) -> str:
    """A package with its document inside and no macros. Only the list of its parts is read."""
    if not head.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(upload) as package:
            parts = set(package.namelist())
    except (zipfile.BadZipFile, ValueError):
        return ""
    if any(part.casefold().endswith("vbaproject.bin") for part in parts):
        return ""
    return next((kind for kind, part in _OFFICE_PARTS.items() if part in parts), "")


def _text_kind(upload: File[bytes], head: bytes) -> str:
    """Text has no control characters but tabs and line ends; markup that browsers would run is no text."""
    if any(byte < 9 or 13 < byte < 32 for byte in head) or head.removeprefix(_BOM).lstrip()[:1] == b"<":
        return ""
    return "csv" if (upload.name or "").casefold().endswith(".csv") else "txt"


def shown_name(name: str, kind: str) -> str:
    """The name without its path, with the extension of what the file is."""
    stem = "".join(sign for sign in PurePath(name.replace("\\", "/")).stem if sign.isprintable()).strip(" .")
    return f"{stem[:150] or _('arquivo')}.{kind}"
