"""A logo as somebody sends it, drawn anew: small, on white, without a word about where it comes from."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

KINDS: Final = ("PNG", "JPEG", "WEBP")
ACCEPTED: Final = "image/png,image/jpeg,image/webp"
MOST_BYTES: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 20_000_000
# Enough to crop it by, whatever its size.
WORKED_ON: Final = (2000, 2000)
# What a page shows of it, twice as fine as it stands there.
BOX: Final = (400, 96)
LEAST_SIDE: Final = 32
THINNEST: Final = 16
# Of 255: what is paler cannot be seen on white.
PALEST: Final = 240
SEEN: Final = [255] * (PALEST + 1) + [0] * (255 - PALEST)
# A survey's page comes in one round trip with it (14 KB, of which the page takes ten).
WANTED_BYTES: Final = 3 * 1024
BEARABLE_BYTES: Final = 8 * 1024
# From the best to the smallest.
WAYS: Final[tuple[dict[str, Any], ...]] = ({"lossless": True}, *({"quality": part} for part in range(90, 10, -10)))
# What Pillow raises for content that is not what its first bytes promise.
BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
VAST: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)

WHY_NOT: Final = {
    "size": _("O logotipo passa de 2 MB. Exporte uma versão menor."),
    "kind": _("O logotipo precisa ser uma imagem PNG, JPEG ou WebP. Converta e envie de novo."),
    "pixels": _("O logotipo passa de 20 megapixels. Reduza a imagem e envie de novo."),
    "small": _("O logotipo precisa de ao menos 32 pixels de cada lado. Envie uma versão maior."),
    "thin": _("O logotipo é comprido demais para caber na página. Envie uma versão mais compacta."),
    "pale": _("O logotipo não aparece sobre fundo branco. Envie a versão para fundo claro."),
    "heavy": _("O logotipo tem detalhes demais e deixaria a página lenta. Envie uma versão mais simples."),
}


class RefusedPictureError(Exception):
    """`code` is a key of WHY_NOT."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """One drawing in two encodings: a small one for pages, one that every mail program reads."""

    webp: bytes
    png: bytes
    width: int
    height: int


def drawn(upload: File[bytes]) -> Picture:
    """Raises RefusedPictureError."""
    if upload.size > MOST_BYTES:
        raise RefusedPictureError("size")
    image = _cropped(_on_white(_opened(upload)))
    image.thumbnail(BOX, Image.Resampling.LANCZOS)
    if min(image.size) < THINNEST:
        raise RefusedPictureError("thin")
    return Picture(_webp(image), _encoded(image, "PNG", optimize=True), *image.size)


def _opened(upload: File[bytes]) -> Image.Image:
    """Upright. How large it is, its head says before anything is unpacked."""
    try:
        upload.seek(0)
        image = Image.open(upload, formats=KINDS)
        _check_sides(*image.size)
        return _in_colours(ImageOps.exif_transpose(image))
    except VAST as error:
        raise RefusedPictureError("pixels") from error
    except BROKEN as error:
        raise RefusedPictureError("kind") from error


def _in_colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits of grey: Pillow cuts off what is above the eighth.
        image = image.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    return image.convert("RGBA")


def _check_sides(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise RefusedPictureError("pixels")
    if min(width, height) < LEAST_SIDE:
        raise RefusedPictureError("small")


def _on_white(image: Image.Image) -> Image.Image:
    """White stays readable on any ground. Only pixels are left of the image."""
    image.thumbnail(WORKED_ON)
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image)
    return sheet


def _cropped(image: Image.Image) -> Image.Image:
    """Without the margins that logos come with."""
    box = image.convert("L").point(SEEN).getbbox()
    if box is None:
        raise RefusedPictureError("pale")
    return image.crop(box)


def _webp(image: Image.Image) -> bytes:
    """As good as fits the page."""
    found = b""
    for way in WAYS:
        found = _encoded(image, "WEBP", method=6, **way)
        if len(found) <= WANTED_BYTES:
            return found
    if len(found) > BEARABLE_BYTES:
        raise RefusedPictureError("heavy")
    return found


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()
