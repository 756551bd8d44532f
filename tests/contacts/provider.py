"""A provider of messages and calls on the loopback, and the adapter that speaks to it: what a company would write."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from contacts.adapters import AwayError, DeliveryState, Handover, RefusedError, StatusReport

SECRET = b"between the two of us"


class Desk(ThreadingHTTPServer):
    """`taken` by key: the same key twice is the same message. `mode`: takes, refuses, or drops the line."""

    daemon_threads = True
    mode = "takes"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: dict[str, dict[str, str]] = {}


class Handler(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.mode == "refuses":
            self.send_response(400)
            self.end_headers()
            return
        self.server.taken.setdefault(said["key"], said)
        if self.server.mode == "drops":
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"id": f"ref-{said['key']}"}).encode())

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


class Adapter:
    """Messages and calls alike; `port` is told by the test."""

    port = 0

    def send_text(self, number: str, text: str, *, key: str) -> Handover:
        return Handover(reference=self._ask(number=number, text=text, key=key))

    def start_call(self, number: str, *, extension: str, key: str) -> Handover:
        return Handover(reference=self._ask(number=number, extension=extension, key=key))

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> list[StatusReport]:
        if not hmac.compare_digest(signature_of(body), headers.get("X-Signature", "")):
            raise ValueError
        return [
            StatusReport(said["id"], DeliveryState(said["state"]), said.get("text", "")) for said in json.loads(body)
        ]

    def _ask(self, **said: str) -> str:
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.connect()
        except OSError as error:
            raise AwayError from error
        try:
            line.request("POST", "/", json.dumps(said))
            answer = line.getresponse()
            if answer.status == 400:
                raise RefusedError
            return str(json.loads(answer.read())["id"])
        except (OSError, HTTPException) as error:
            raise ConnectionError("broken off") from error
        finally:
            line.close()


def signature_of(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


@contextmanager
def open_desk() -> Iterator[Desk]:
    with Desk() as desk:
        threading.Thread(target=desk.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        Adapter.port = desk.server_address[1]
        yield desk
        desk.shutdown()
