"""Django's SMTP backend, which also tells whether a message that failed may have been accepted."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp

# Servers that look through a message before they take it need longer than for any other answer.
DATA_SECONDS = 60.0


class _Session(smtplib.SMTP):
    """From the command DATA until its answer the server may have taken the message without our hearing of it."""

    in_data = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        line: Any = self.sock
        self.in_data = True
        line.settimeout(DATA_SECONDS)
        answer = super().data(msg)
        line.settimeout(self.timeout)
        self.in_data = False
        return answer


class _SecureSession(_Session, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureSession if self.use_ssl else _Session
