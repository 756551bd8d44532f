"""Phone numbers as people write them, read as E.164."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import phonenumbers

from brazil.cells import Status, clean_cell, drop_float_suffix, expand_scientific, is_placeholder

PhoneType = Literal["", "MOBILE", "LANDLINE", "FOREIGN"]

DDDS_BY_UF = {
    "AC": "68", "AL": "82", "AM": "92 97", "AP": "96", "BA": "71 73 74 75 77", "CE": "85 88", "DF": "61",
    "ES": "27 28", "GO": "62 64", "MA": "98 99", "MG": "31 32 33 34 35 37 38", "MS": "67", "MT": "65 66",
    "PA": "91 93 94", "PB": "83", "PE": "81 87", "PI": "86 89", "PR": "41 42 43 44 45 46", "RJ": "21 22 24",
    "RN": "84", "RO": "69", "RR": "95", "RS": "51 53 54 55", "SC": "47 48 49", "SE": "79",
    "SP": "11 12 13 14 15 16 17 18 19", "TO": "63",
}  # fmt: skip
UF_BY_DDD = {ddd: uf for uf, ddds in DDDS_BY_UF.items() for ddd in ddds.split()}

EXTENSION_WORD = r"(?:ramal|r\.|ext\.?)"
SEPARATORS = re.compile(rf"\s*[/;|](?!\s*{EXTENSION_WORD})\s*|\s+(?:ou|e)\s+", re.IGNORECASE)
COMMA = re.compile(rf"\s*,(?!\s*{EXTENSION_WORD})\s*", re.IGNORECASE)
EXTENSION = re.compile(rf"[\s,;/|-]*\b{EXTENSION_WORD}\s*:?\s*([0-9]{{1,6}})$", re.IGNORECASE)
LABEL = re.compile(r"(?:tel(?:efone)?|fone|cel(?:ular)?|whats(?:app)?|zap)[\s.:]*(?=[+(0-9])", re.IGNORECASE)
CARRIER_MARK = re.compile(r"^(\(?\s*0)\s*xx", re.IGNORECASE)
DECORATION = re.compile(r"[\s().\u2010-\u2015-]+")
NUMBER = re.compile(r"\+?[0-9]+")
TOLL_FREE = ("0800", "0300", "0303", "0500", "0900")
NATIONAL_SERVICE = re.compile(r"[34]00[0-9]{5}")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    e164: str
    type: PhoneType
    extension: str = ""

    @property
    def is_whatsapp_able(self) -> bool:
        return self.type in ("MOBILE", "FOREIGN")


@dataclass(frozen=True, slots=True)
class ParsedPhone:
    """What one cell holds. A bad number beside a good one gives `phone_cleared`, not an error."""

    status: Status
    numbers: tuple[PhoneNumber, ...] = ()
    actions: tuple[str, ...] = ()
    error: str = ""

    @property
    def e164(self) -> str:
        return self.numbers[0].e164 if self.numbers else ""

    @property
    def second_e164(self) -> str:
        return self.numbers[1].e164 if len(self.numbers) > 1 else ""

    @property
    def type(self) -> PhoneType:
        return self.numbers[0].type if self.numbers else ""

    @property
    def extension(self) -> str:
        return self.numbers[0].extension if self.numbers else ""

    @property
    def whatsapp_link(self) -> str:
        return whatsapp_link(self.e164) if self.numbers and self.numbers[0].is_whatsapp_able else ""

    @property
    def ddd_uf(self) -> str:
        return ddd_uf(self.e164)


class PhoneError(ValueError):
    """Carries one of the error codes as its only argument."""


def parse_phone(raw: str, default_ddd: str = "") -> ParsedPhone:
    parts = split_numbers(clean_cell(raw))
    numbers: list[PhoneNumber] = []
    actions = ["phone_split"] if len(parts) > 1 else []
    errors: list[str] = []
    for part in parts:
        try:
            number, repairs = read_number(part, default_ddd)
        except PhoneError as refusal:
            errors.append(str(refusal))
        else:
            numbers.append(number)
            actions += repairs
    if not parts:
        return ParsedPhone("blank")
    if not numbers:
        return ParsedPhone("invalid", error=errors[0])
    if errors:
        actions.append("phone_cleared")
    status: Status = "repaired" if actions else "valid"
    return ParsedPhone(status, in_calling_order(numbers), tuple(dict.fromkeys(actions)))


def in_calling_order(numbers: list[PhoneNumber]) -> tuple[PhoneNumber, ...]:
    """Mobiles before landlines, else as given; equal numbers once."""
    unique: dict[str, PhoneNumber] = {}
    for number in numbers:
        unique.setdefault(number.e164, number)
    return tuple(sorted(unique.values(), key=lambda number: number.type == "LANDLINE"))


def split_numbers(text: str) -> list[str]:
    parts = []
    for piece in SEPARATORS.split(text):
        # The comma of 1,1987654321E+10 or 11987654321,0 is a decimal comma.
        whole = expand_scientific(piece) is not None or drop_float_suffix(piece) is not None
        parts += [piece] if whole else COMMA.split(piece)
    return [part for part in parts if part and not is_placeholder(part)]


def read_number(text: str, default_ddd: str) -> tuple[PhoneNumber, list[str]]:
    text = LABEL.sub("", text, count=1) if LABEL.match(text) else text
    extension = ""
    if match := EXTENSION.search(text):
        text, extension = text[: match.start()], match[1]
    text, actions = undo_number_cell(text)
    compact = DECORATION.sub("", CARRIER_MARK.sub(r"\1", text))
    if not NUMBER.fullmatch(compact):
        raise PhoneError("phone_characters")
    if compact.startswith(("+", "00")):
        digits = compact.removeprefix("+") if compact.startswith("+") else compact[2:]
        if not digits.startswith("55"):
            return read_foreign(digits, extension), actions
        compact = digits[2:]
    elif compact.startswith("55") and len(compact) in (12, 13):
        compact = compact[2:]
    national = complete_national(compact, default_ddd)
    number, repairs = read_national(national, extension)
    return number, actions + repairs


def undo_number_cell(text: str) -> tuple[str, list[str]]:
    """Give back the digits of a cell the spreadsheet turned into a number."""
    expanded = expand_scientific(text)
    if expanded == "":
        raise PhoneError("phone_precision_lost")
    if expanded is not None:
        return expanded, ["scientific_expanded"]
    shortened = drop_float_suffix(text)
    return (text, []) if shortened is None else (shortened, ["float_suffix_removed"])


def read_foreign(digits: str, extension: str) -> PhoneNumber:
    e164 = f"+{digits}"
    try:
        known = phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        known = False
    if not known:
        raise PhoneError("phone_placeholder" if not digits.strip("0") else "phone_invalid")
    return PhoneNumber(e164, "FOREIGN", extension)


def complete_national(digits: str, default_ddd: str) -> str:
    """DDD and subscriber, without trunk zero and carrier."""
    if digits.startswith(TOLL_FREE) or NATIONAL_SERVICE.fullmatch(digits):
        raise PhoneError("phone_service_number")
    if digits.startswith("0"):
        if len(digits) in (11, 12):
            digits = digits[1:]
        elif len(digits) in (13, 14):
            digits = digits[3:]
    if len(digits) in (8, 9):
        if not default_ddd:
            raise PhoneError("phone_missing_area_code")
        digits = default_ddd + digits
    if len(digits) not in (10, 11):
        raise PhoneError("phone_length")
    return digits


def read_national(digits: str, extension: str) -> tuple[PhoneNumber, list[str]]:
    ddd, subscriber = digits[:2], digits[2:]
    if ddd not in UF_BY_DDD:
        raise PhoneError("phone_area_code")
    if subscriber == subscriber[0] * len(subscriber):
        raise PhoneError("phone_placeholder")
    if len(subscriber) == 9:
        if subscriber[0] != "9":
            raise PhoneError("phone_invalid")
        return PhoneNumber(f"+55{digits}", "MOBILE", extension), []
    if subscriber[0] in "01":
        raise PhoneError("phone_invalid")
    if subscriber[0] in "2345":
        return PhoneNumber(f"+55{digits}", "LANDLINE", extension), []
    return PhoneNumber(f"+55{ddd}9{subscriber}", "MOBILE", extension), ["ninth_digit_added"]


def parse_ddd(raw: str) -> str:
    """The area code of a separate column (`11`, `(011)`, `11.0`); empty when there is none."""
    text = clean_cell(raw)
    digits = DECORATION.sub("", drop_float_suffix(text) or text).removeprefix("0")
    return digits if digits in UF_BY_DDD else ""


def ddd_uf(e164: str) -> str:
    """UF of the line's plan, not of the home: a suggestion only."""
    return UF_BY_DDD.get(e164[3:5], "") if e164.startswith("+55") else ""


def format_phone(e164: str) -> str:
    if e164.startswith("+55") and len(e164) in (13, 14):
        return f"({e164[3:5]}) {e164[5:-4]}-{e164[-4:]}"
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def whatsapp_link(e164: str, text: str = "") -> str:
    link = f"https://wa.me/{e164.removeprefix('+')}"
    return f"{link}?text={quote(text, safe='')}" if text else link


def tel_link(e164: str) -> str:
    return f"tel:{e164}"
