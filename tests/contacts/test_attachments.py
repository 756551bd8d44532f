"""Files of a client: what they are by content, how they are kept, given out and removed."""

import datetime
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from contacts import attachments, logs
from contacts.attachment_night import delete_files
from contacts.models import Attachment
from people.models import Activity, User
from tests.contacts.talking import log_of
from tests.factories import Cast, make_client


def package(*parts: str) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for part in parts:
            # A fixed day: the bytes name the tests, and workers must agree.
            archive.writestr(zipfile.ZipInfo(part), "x")
    return found.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")


def upload(content: bytes, name: str = "arquivo.bin") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    return tmp_path


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7 x", "a.exe", "pdf"),
        (b"\x89PNG\r\n\x1a\n...", "a", "png"),
        (b"\xff\xd8\xff\xe0..", "a.png", "jpg"),
        (b"RIFF....WEBPVP8 ", "a", "webp"),
        (b"OggS....", "a", "ogg"),
        (b"ID3\x04....", "a", "mp3"),
        (b"\xff\xfb\x90\x00", "a", "mp3"),
        (DOCX, "a.zip", "docx"),
        (package("xl/workbook.xml"), "a", "xlsx"),
        ("João;Ação\r\n".encode(), "Lista.CSV", "csv"),
        ("João\tfoi".encode("cp1252"), "a.html", "txt"),
        ("\ufeffJoão".encode(), "a.txt", "txt"),
    ],
)
def test_kind_is_told_by_content(content: bytes, name: str, kind: str) -> None:
    assert attachments.kind_of(upload(content, name)) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03",
        b"  <html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "\ufeff <html><script>alert(1)</script>".encode(),
        package("evil.exe"),
        package("word/document.xml", "word/vbaProject.bin"),
        DOCX[:40],
        b"GIF89a\x01\x00",
        b"\x00\x00\x00 ftypmp42",
    ],
)
def test_other_kinds_are_refused(content: bytes) -> None:
    with pytest.raises(attachments.RefusedFileError) as refusal:
        attachments.checked(upload(content, "foto.png"))
    assert refusal.value.code == "kind"


def test_empty_and_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 5)
    for content, code in ((b"", "empty"), (b"seis..", "size")):
        with pytest.raises(attachments.RefusedFileError) as refusal:
            attachments.checked(upload(content))
        assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("contrato.PDF", "contrato.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\docs\\rg.exe", "rg.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("", "arquivo.pdf"),
        ("x" * 300 + ".pdf", "x" * 150 + ".pdf"),
    ],
)
def test_shown_name_is_safe_and_tells_the_kind(name: str, shown: str) -> None:
    assert attachments.shown_name(name, "pdf") == shown


def test_file_is_kept_under_a_random_name(cast: Cast, ana: Client, uploads: Path) -> None:
    kept = attachments.add(ana, upload(b"%PDF-1.7 x", "rg da Ana.pdf"), by=cast.julia)
    assert (kept.name, kept.media_type, kept.size) == ("rg da Ana.pdf", "application/pdf", 10)
    (path,) = (path for path in uploads.rglob("*") if path.is_file())
    assert path.name == kept.key
    assert "Ana" not in str(path.relative_to(uploads))
    line = Activity.objects.get(verb="attachment_added")
    assert line.changes == {"attachment": kept.pk, "kind": "pdf", "size": 10}


def test_removal_and_its_undo_are_told_once(cast: Cast, ana: Client) -> None:
    kept = attachments.add(ana, upload(b"texto"), by=cast.julia)
    for act in (attachments.remove, attachments.restore):
        act(kept, by=cast.julia)
        act(kept, by=cast.julia)
    kept.refresh_from_db()
    assert kept.removed_at is None
    assert Activity.objects.filter(verb__in=("attachment_removed", "attachment_restored")).count() == 2


def test_attachment_add_keeps_the_file(cast: Cast, ana: Client, at_desk: Callable[[User], Browser]) -> None:
    url = reverse("contacts:attachment_add", args=[ana.pk])
    browser = at_desk(cast.julia)
    said = {"form_key": "k1", "file": upload(b"Um recado", "recado.txt")}
    assert browser.post(url, said).status_code == 303
    said = {"form_key": "k1", "file": upload(b"Um recado", "recado.txt")}
    assert browser.post(url, said).status_code == 303
    assert ana.attachments.count() == 1
    refused = browser.post(url, {"form_key": "k2", "file": upload(b"MZ\x00\x01", "recado.txt")})
    assert refused.status_code == 422
    assert "Converta e envie de novo" in refused.content.decode()


def test_attachment_download_is_saved_not_shown_and_leaves_a_trace(
    cast: Cast, ana: Client, at_desk: Callable[[User], Browser]
) -> None:
    kept = attachments.add(ana, upload(b"Um recado", "açúcar.txt"), by=cast.julia)
    url = reverse("contacts:attachment_download", args=[kept.pk])
    answer: Any = at_desk(cast.sonia).post(url)
    assert b"".join(answer.streaming_content) == b"Um recado"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "text/plain")
    line = Activity.objects.get(verb="attachment_downloaded")
    assert (line.by, line.changes) == (cast.sonia, {"attachment": kept.pk})
    assert at_desk(cast.davi).post(url).status_code == 404


def test_attachment_remove_hides_the_file_until_restored(
    cast: Cast, ana: Client, at_desk: Callable[[User], Browser]
) -> None:
    kept = attachments.add(ana, upload(b"Um recado"), by=cast.julia)
    browser = at_desk(cast.julia)
    assert browser.post(reverse("contacts:attachment_remove", args=[kept.pk])).status_code == 303
    assert browser.post(reverse("contacts:attachment_download", args=[kept.pk])).status_code == 404
    assert browser.post(reverse("contacts:attachment_restore", args=[kept.pk])).status_code == 303
    assert Attachment.objects.visible_to(cast.julia).get().removed_at is None


def test_file_of_an_undone_contact_is_not_brought_back(
    cast: Cast, ana: Client, at_desk: Callable[[User], Browser]
) -> None:
    log = log_of(ana, cast.julia)
    kept = attachments.add(ana, upload(b"Um recado"), by=cast.julia, log=log)
    logs.undo(log, by=cast.julia)
    answer = at_desk(cast.julia).post(
        reverse("contacts:attachment_restore", args=[kept.pk]), headers={"HX-Request": "true"}
    )
    assert "foi desfeito, e o arquivo foi com ele" in json.loads(answer.headers["HX-Trigger"])["aviso"]["text"]
    assert not Attachment.objects.visible_to(cast.julia).filter(removed_at=None).exists()


# --- The night --------------------------------------------------------------------------------------------


def on_disk(uploads: Path) -> set[str]:
    return {str(path.relative_to(uploads)) for path in uploads.rglob("*") if path.is_file()}


def grow_old(uploads: Path, *, days: int = 2) -> None:
    then = time.time() - days * 24 * 3600
    for path in uploads.rglob("*"):
        os.utime(path, (then, then))
    removed = Attachment.objects.unscoped(reason="test").exclude(removed_at=None)
    removed.update(removed_at=timezone.now() - datetime.timedelta(days=days))


def night() -> int:
    return delete_files(timezone.localdate())["files_deleted"]


def test_night_deletes_what_may_no_longer_be_brought_back(cast: Cast, ana: Client, uploads: Path) -> None:
    assert night() == 0
    kept, removed, restored = (attachments.add(ana, upload(b"%PDF-1.7 x"), by=cast.julia) for _ in range(3))
    log = log_of(ana, cast.julia)
    of_log = attachments.add(ana, upload(b"%PDF-1.7 x"), by=cast.julia, log=log)
    for file in (removed, restored):
        attachments.remove(file, by=cast.julia)
    attachments.restore(restored, by=cast.julia)
    logs.undo(log, by=cast.julia)
    assert night() == 0
    assert len(on_disk(uploads)) == 4
    grow_old(uploads)
    assert night() == 2
    assert on_disk(uploads) == {kept.file.name, restored.file.name}
    assert set(ana.attachments.all()) == {kept, restored}
    assert not ana.attachments.filter(pk=of_log.pk).exists()


def test_night_finds_what_a_crash_left_behind_and_lets_uploads_finish(cast: Cast, ana: Client, uploads: Path) -> None:
    """The row is gone and the process died before its file went; another upload is not committed yet."""
    lost, kept = (attachments.add(ana, upload(b"%PDF-1.7 x"), by=cast.julia) for _ in range(2))
    lost.delete()
    assert night() == 0
    grow_old(uploads)
    young = uploads / "attachments" / "2026" / "01" / "young"
    young.parent.mkdir(parents=True, exist_ok=True)
    young.write_bytes(b"x")
    assert (night(), night()) == (1, 0)
    assert on_disk(uploads) == {kept.file.name, "attachments/2026/01/young"}
