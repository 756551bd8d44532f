"""How the HTML part of a letter looks: styles by element, for mail programs keep no others. Colours are those of
static/tokens.css in the light; the letter's own head turns them in the dark."""

from collections.abc import Mapping
from typing import Final

_FONT: Final = "font-family:system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif"
_INK, _INK_2, _LINE, _CONTROL, _BRAND = "#18221f", "#47524d", "#e5e2d9", "#8a8a7e", "#0f5b4b"
_SHEET: Final = "background:#ffffff"
# A thumb's breadth.
_HIT: Final = "display:block;line-height:44px;font-size:16px;font-weight:600;text-decoration:none"

STYLE: Final[Mapping[str, str]] = {
    "canvas": f"margin:0;padding:0;background:#f3f2ec;{_FONT}",
    "margin": "padding:24px 12px",
    "column": "width:100%;max-width:560px",
    "head": f"padding:0 0 16px;color:{_INK};font-size:16px;font-weight:600;line-height:1.5",
    # The name stands there where pictures are not shown: on its plate, also in the dark.
    "logo": f"padding:6px 10px;border:0;border-radius:10px;color:{_INK};{_SHEET}",
    "sheet": f"padding:24px 16px;border:1px solid {_LINE};border-radius:16px;{_SHEET}",
    "greeting": f"margin:0 4px 12px;color:{_INK_2};font-size:16px;line-height:1.5",
    "question": f"margin:0 4px 16px;color:{_INK};font-size:20px;font-weight:600;line-height:1.35",
    "scale": "table-layout:fixed;border-collapse:separate",
    "cell": f"border:1px solid {_CONTROL};border-radius:10px;{_SHEET}",
    "score": f"color:{_INK};{_HIT}",
    "ends": f"margin:8px 4px 20px;color:{_INK_2};font-size:14px;line-height:1.5",
    "button": f"border-radius:10px;background:{_BRAND}",
    "open": f"color:#ffffff;{_HIT}",
    "foot": f"padding:16px 0 0;color:{_INK_2};font-size:13px;line-height:1.5",
    "stop": f"color:{_INK_2};text-decoration:underline",
}
