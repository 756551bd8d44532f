"""Keeps personal data out of the logs (RELIABILITY T20)."""

import logging
import re

_PATTERNS = (
    # Whoever has the address of a survey's page may answer there.
    (re.compile(r"(?<=/p/)[0-9a-f]{32}"), "[convite]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![0-9])[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}(?![0-9])"), "[documento]"),
    (
        re.compile(r"(?<![0-9A-Z])[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?[0-9]{2}(?![0-9])"),
        "[documento]",
    ),
    (
        re.compile(
            r"\+[1-9][0-9]{6,14}|(?<![0-9])(?:55)?\(?[1-9][0-9]\)?[ -]?9?[0-9]{4}[- ]?[0-9]{4}(?![0-9])",
        ),
        "[telefone]",
    ),
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
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        # A handler before this one may have kept its own copy.
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True
