"""E-mail addresses of client files."""

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from brazil.cells import Status, clean_cell

SEPARATORS = re.compile(r"[;,\s]+")
# The library needs 100 µs an address. This local part is always valid, so only the domain is checked.
PLAIN_LOCAL_PART = re.compile(r"(?=.{1,64}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

TYPO_DOMAINS = {
    "gmail.con": "gmail.com",
    "gmail.co": "gmail.com",
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gamil.com": "gmail.com",
    "hotmal.com": "hotmail.com",
    "hotmai.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "outlok.com": "outlook.com",
    "outlook.con": "outlook.com",
    "yaho.com.br": "yahoo.com.br",
    "yaho.com": "yahoo.com",
    "yahoo.con": "yahoo.com",
}


@dataclass(frozen=True, slots=True)
class ParsedEmail:
    status: Status
    normalized: str = ""
    actions: tuple[str, ...] = ()
    error: str = ""


def parse_email(raw: str) -> ParsedEmail:
    """The first valid address of a cell."""
    text = clean_cell(raw).lower().replace("mailto:", " ").replace("<", " ").replace(">", " ")
    pieces = [piece for piece in (part.rstrip(".") for part in SEPARATORS.split(text)) if piece]
    if not pieces:
        return ParsedEmail("blank")
    for piece in pieces:
        if address := valid_address(piece):
            actions = ("email_split",) if len(pieces) > 1 else ()
            return ParsedEmail("repaired" if actions else "valid", address, actions)
    return ParsedEmail("invalid", error="email_invalid")


def valid_address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or "." not in domain or len(text) > 254:
        return ""
    if PLAIN_LOCAL_PART.fullmatch(local):
        checked = checked_domain(domain)
        return f"{local}@{checked}" if checked else ""
    return checked_address(text)


@lru_cache(maxsize=20_000)
def checked_domain(domain: str) -> str:
    return checked_address(f"a@{domain}").removeprefix("a@")


def checked_address(text: str) -> str:
    try:
        # test_environment lets the reserved `.test` names of trial data pass; nothing is looked up.
        valid = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError:
        return ""
    return valid.normalized


def suggest_email(address: str) -> str:
    """The address probably meant, to be confirmed by a person; empty without a suggestion."""
    local, _, domain = address.rpartition("@")
    meant = TYPO_DOMAINS.get(domain)
    return f"{local}@{meant}" if meant else ""
