"""How many parts a text takes as SMS: the GSM alphabet of 7 bits, or UCS-2 as soon as one letter is outside it."""

from dataclasses import dataclass

from brazil.cells import without_accents

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM = frozenset(ALPHABET)
# Written as an escape and a letter: two places.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
PLAIN = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "\u00a0": " ", "•": "-"})


@dataclass(frozen=True)
class SmsLength:
    """`size` counts places of the encoding; `left` are those still free in the last part."""

    encoding: str
    size: int
    parts: int
    left: int

    @property
    def costs_accents(self) -> bool:
        return self.encoding == "UCS-2"


def measure(text: str) -> SmsLength:
    """GSM-7: 160 in one part, 153 in each of several; UCS-2: 70 and 67. No letter is cut in two."""
    is_gsm = all(letter in GSM or letter in GSM_EXTENSION for letter in text)
    if is_gsm:
        encoding, alone, shared = "GSM-7", 160, 153
        widths = [2 if letter in GSM_EXTENSION else 1 for letter in text]
    else:
        encoding, alone, shared = "UCS-2", 70, 67
        widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    size = sum(widths)
    if size <= alone:
        return SmsLength(encoding, size, min(size, 1), alone - size)
    parts, room = 1, shared
    for width in widths:
        if width > room:
            parts, room = parts + 1, shared
        room -= width
    return SmsLength(encoding, size, parts, room)


def plain(text: str) -> str:
    """“Sem acentos”: what keeps a Portuguese text in the GSM alphabet; other signs stay as they are."""
    return without_accents(text.translate(PLAIN))
