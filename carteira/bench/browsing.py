"""A browser without a screen: cookies, the real login page, forms with their hidden fields."""

import http.client
import re
import time
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode

from carteira.bench.figures import BenchError
from carteira.bench.serving import HOST

TIMEOUT = 30
_TOKEN: Final = re.compile(r'name="csrf-token" content="([^"]+)"')
_HIDDEN: Final = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    location: str
    seconds: float


class Browser:
    """One person's cookies over one connection that is kept open."""

    def __init__(self, port: int) -> None:
        self.cookies: dict[str, str] = {}
        self._link = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
        self._token = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: object) -> Answer:
        """Posts with the token of the last page; a redirect is told, not followed."""
        body = urlencode({"csrfmiddlewaretoken": self._token} | {name: str(value) for name, value in fields.items()})
        return self._ask("POST", path, body)

    def log_in(self, email: str, password: str) -> None:
        path = "/conta/login/"
        self.get(path)
        answer = self.post(path, login=email, password=password)
        if answer.status != http.HTTPStatus.FOUND:
            raise BenchError(f"A página de entrada recusou {email} ({answer.status}).")
        self.get("/minha-conta/")

    def twin(self) -> "Browser":
        """Another connection of the same person."""
        other = Browser(self._link.port)
        other.cookies |= self.cookies
        return other

    def close(self) -> None:
        self._link.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        start = time.perf_counter()
        response = self._send(method, path, body)
        text = response.read().decode()
        seconds = time.perf_counter() - start
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        if token := _TOKEN.search(text):
            self._token = unescape(token[1])
        return Answer(response.status, text, response.headers.get("Location", ""), seconds)

    def _send(self, method: str, path: str, body: str | None) -> http.client.HTTPResponse:
        """The server closes connections that stood idle: then once more over a new one."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            self._link.request(method, path, body, headers)
            return self._link.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._link.close()
            self._link.request(method, path, body, headers)
            return self._link.getresponse()


def hidden_fields(page: str) -> dict[str, str]:
    """What the forms of a page carry along, without the token."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page) if name != "csrfmiddlewaretoken"}
