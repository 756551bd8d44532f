"""Pictures of the tests, as files that somebody sends."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

GREEN = (15, 91, 75, 255)


def drawing(width: int = 640, height: int = 160, *, mode: str = "RGBA", ground: Any = (0, 0, 0, 0)) -> Image.Image:
    """A disc and bars beside it: about as much as a logo holds."""
    image = Image.new("RGBA", (width, height), ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, height - 1, height - 1), fill=GREEN)
    for left in range(width - 31, height, -60):
        draw.rectangle((left, height // 4, left + 30, height * 3 // 4), fill=GREEN)
    return image.convert(mode)


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> SimpleUploadedFile:
    content = BytesIO()
    image.save(content, kind, **options)
    return SimpleUploadedFile(f"logo.{kind.lower()}", content.getvalue(), content_type=f"image/{kind.lower()}")


def file_with(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", content, content_type="image/png")
