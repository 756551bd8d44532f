"""What a picture must be to become the logo, and what is left of it: small, upright, on white, nameless."""

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from nps import pictures
from nps.pictures import RefusedPictureError
from tests.nps.pictures import drawing, file_of, file_with


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def png(width: int, height: int, content: bytes, *, kind: int, between: bytes = b"") -> bytes:
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + between + part(b"IDAT", zlib.compress(content)) + part(b"IEND", b"")


def part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def vast(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    return png(width, height, bytes(1000), kind=2)


def lying_palette() -> bytes:
    """Four colours, and a transparency for three hundred."""
    between = part(b"PLTE", bytes(12)) + part(b"tRNS", bytes(300))
    return png(64, 64, bytes(65 * 64), kind=3, between=between)


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    shades = (77 * 257 if 8 <= x < 56 and 8 <= y < 56 else 65_535 for y in range(64) for x in range(64))
    grey = Image.frombytes("I;16", (64, 64), struct.pack("<4096H", *shades))
    picture = pictures.drawn(file_of(grey))
    assert (picture.width, picture.height) == (48, 48)
    assert opened(picture.png).getpixel((24, 24)) == (77, 77, 77)


def test_palette_that_lies_is_no_picture() -> None:
    with pytest.raises(RefusedPictureError, match="kind"):
        pictures.drawn(file_with(lying_palette()))


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")]
)
def test_picture_fits_the_page_and_every_mail_program(kind: str, mode: str) -> None:
    picture = pictures.drawn(file_of(drawing(mode=mode, ground="white"), kind))
    webp, png = opened(picture.webp), opened(picture.png)
    assert (webp.format, png.format, png.mode) == ("WEBP", "PNG", "RGB")
    assert webp.size == png.size == (picture.width, picture.height) == (384, 96)
    assert len(picture.webp) <= pictures.WANTED_BYTES


def test_small_picture_is_not_scaled_up() -> None:
    picture = pictures.drawn(file_of(drawing(80, 40)))
    assert (picture.width, picture.height) == (80, 40)


def test_margins_are_cut_off() -> None:
    sheet = Image.new("RGB", (900, 700), (253, 253, 253))
    sheet.paste(drawing(mode="RGB", ground="white"), (200, 300))
    picture = pictures.drawn(file_of(sheet))
    assert (picture.width, picture.height) == (384, 96)


def test_what_shines_through_turns_white() -> None:
    picture = pictures.drawn(file_of(drawing()))
    assert opened(picture.png).getpixel((383, 0)) == (255, 255, 255)


def test_only_pixels_are_left_and_they_stand_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "SEGREDO"
    sent = file_of(drawing(mode="RGB", ground="white"), "JPEG", exif=exif, icc_profile=b"SEGREDO", comment=b"SEGREDO")
    picture = pictures.drawn(sent)
    assert (picture.width, picture.height) == (24, 96)
    for content in (picture.webp, picture.png):
        assert b"SEGREDO" not in content
        assert set(opened(content).info) <= {"loop", "background", "timestamp", "duration"}


def test_detailed_picture_is_made_coarser() -> None:
    picture = pictures.drawn(file_of(noise(100, 24).resize((400, 96))))
    assert pictures.WANTED_BYTES < len(picture.webp) <= pictures.BEARABLE_BYTES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
        (vast(640, 160), "kind"),
        (vast(5000, 4001), "pixels"),
        (vast(10_000, 10_000), "pixels"),
        (vast(60_000, 60_000), "pixels"),
        (bytes(pictures.MOST_BYTES + 1), "size"),
    ],
)
def test_file_that_is_no_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RefusedPictureError, match=code):
        pictures.drawn(file_with(content))


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (drawing(31, 400), "small"),
        (drawing(1600, 40), "thin"),
        (Image.new("RGBA", (200, 50), "white"), "pale"),
        (Image.new("RGBA", (200, 50), (0, 0, 0, 0)), "pale"),
        (noise(400, 96), "heavy"),
    ],
)
def test_picture_that_makes_no_logo_is_refused(image: Image.Image, code: str) -> None:
    with pytest.raises(RefusedPictureError, match=code):
        pictures.drawn(file_of(image))
    assert str(pictures.WHY_NOT[code]).startswith("O logotipo ")


def test_unfinished_file_is_refused() -> None:
    whole = file_of(drawing(mode="RGB"), "JPEG").read()
    with pytest.raises(RefusedPictureError, match="kind"):
        pictures.drawn(file_with(whole[: len(whole) // 2]))
