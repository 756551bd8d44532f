"""A mail server on the loopback that behaves as told: takes, refuses, hangs, drops the line."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Self

# What is answered to each command; the modes below say what is different.
POLITE = {"EHLO": "250 ok", "HELO": "250 ok", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "RSET": "250 ok"}
ODD: dict[str, dict[str, str]] = {
    "takes": {},
    "busy": {"hello": "421 too many"},
    "no_such_box": {"RCPT": "550 no such box"},
    "refuses_us": {"RCPT": "550 5.7.1 not from there"},
    "greylists": {"RCPT": "451 later"},
    "refuses_sender": {"MAIL": "553 not you"},
    "refuses_data": {"DATA": "554 no"},
    "refuses_text": {"end": "554 spam"},
    "defers_text": {"end": "452 full"},
    "odd_answer": {"end": "251 perhaps"},
    # Closes the line, or never answers.
    "drops_at_rcpt": {"RCPT": "drop"},
    "drops_at_data": {"DATA": "drop"},
    "drops_after_data": {"end": "drop"},
    "hangs_at_hello": {"hello": "hang"},
    "hangs_at_mail": {"MAIL": "hang"},
    "hangs_after_data": {"end": "hang"},
}


@dataclass
class PostOffice:
    """`taken` is what reached it whole, whatever it answered afterwards unless that was a refusal."""

    mode: str = "takes"
    # Seconds before each answer: time in which a sender can be killed.
    slowness: float = 0.0
    taken: list[Message] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._closing = threading.Event()
        threading.Thread(target=self._open, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.set()
        # A thread that waits in accept would keep a socket that is only closed listening.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    @property
    def mailers(self) -> dict[str, object]:
        options = {"host": "127.0.0.1", "port": self.port, "timeout": 1}
        return {"default": {"BACKEND": "jobs.smtp.EmailBackend", "OPTIONS": options}}

    @property
    def names(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.taken]

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                line, _address = self._server.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError, ConnectionError), line, line.makefile("rb") as heard:
            self._answer(line, "hello", "220 ready")
            while command := heard.readline().decode().strip():
                word = command[:4].upper()
                if word == "QUIT":
                    return
                self._answer(line, word, POLITE.get(word, "502 what"))
                if word == "DATA":
                    self._take(line, heard)

    def _take(self, line: socket.socket, heard: object) -> None:
        text = b""
        while (row := heard.readline()) != b".\r\n":
            if not row:
                return
            text += row
        if not ODD[self.mode].get("end", "250").startswith(("4", "5")):
            self.taken.append(message_from_bytes(text))
        self._answer(line, "end", "250 taken")

    def _answer(self, line: socket.socket, moment: str, usual: str) -> None:
        answer = ODD[self.mode].get(moment, usual)
        time.sleep(self.slowness)
        if answer == "hang":
            self._closing.wait(20)
        if answer in {"hang", "drop"}:
            line.shutdown(socket.SHUT_RDWR)
            raise ConnectionError
        line.sendall(f"{answer}\r\n".encode())
        if not answer.startswith(("2", "3")) and moment == "hello":
            raise ConnectionError
        if moment == "DATA" and not answer.startswith("3"):
            raise ConnectionError
