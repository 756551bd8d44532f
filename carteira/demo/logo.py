"""The mark of the demo company: the sun over a horizon."""

from io import BytesIO
from typing import Final

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from nps import brand, pictures
from people.models import User

# Drawn large: as it is made small, its edges turn smooth.
SIDE: Final = 768
GREEN: Final = "#0f5b4b"
OCHRE: Final = "#e5a019"


def put_logo(*, by: User) -> None:
    content = BytesIO()
    _mark().save(content, "PNG")
    brand.put(pictures.drawn(ContentFile(content.getvalue())), by=by)


def _mark() -> Image.Image:
    """Half a sun, a line of land under it and two waves of fields."""
    mark = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(mark)
    draw.pieslice((144, 132, 624, 612), 180, 360, fill=OCHRE)
    for top, left in ((408, 24), (516, 96), (624, 192)):
        draw.rounded_rectangle((left, top, SIDE - left, top + 60), radius=30, fill=GREEN)
    return mark
