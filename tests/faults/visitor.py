"""A person at the browser, through the socket of a real web server."""

import http.client
import socket
import time
from dataclasses import dataclass
from pathlib import Path

TOKEN = "a" * 32


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    location: str = ""
    retry_after: str = ""
    text: str = ""


class Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Visitor:
    def __init__(self, path: Path, cookies: dict[str, str]) -> None:
        self.path = path
        pairs = cookies | {"csrftoken": TOKEN}
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in pairs.items()),
            "X-CSRFToken": TOKEN,
        }

    def get(self, url: str) -> Answer:
        return self.request("GET", url)

    def post(self, url: str) -> Answer:
        return self.request("POST", url)

    def request(self, method: str, url: str) -> Answer:
        """Status 0: nobody listens."""
        began = time.monotonic()
        connection = Connection(self.path)
        try:
            connection.request(method, url, headers=self.headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            return Answer(0, time.monotonic() - began)
        finally:
            connection.close()
        seconds = time.monotonic() - began
        location, retry_after = (response.headers.get(name, "") for name in ("Location", "Retry-After"))
        return Answer(response.status, seconds, location, retry_after, text)
