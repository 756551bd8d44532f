"""Keeps personal data out of the logs (RELIABILITY T20)."""

import logging
import re

_PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![0-9])[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}(?![0-9])"), "[documento]"),
    (re.compile(r"(?<![0-9A-Z])[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?[0-9]{2}(?![0-9])"), "[documento]"),
    (re.compile(r"\+55[0-9]{10,11}|\([0-9]{2}\) ?9?[0-9]{4}-?[0-9]{4}"), "[telefone]"),
)


def redacted(text: str) -> str:
    for pattern, label in _PATTERNS:
        text = pattern.sub(label, text)
    return text


class PersonalDataFilter(logging.Filter):
    """Rewrites the finished message, so that arguments are covered too; tracebacks are redacted as text."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
        return True
