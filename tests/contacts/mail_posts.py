"""What providers of mail post, in the form of their public documentation, and the proof that goes with it."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

SECRET = "carteira:umaSenhaComprida2026"
KEY = "key-1d4f9a7c"
BASIC = {"Authorization": f"Basic {b64encode(SECRET.encode()).decode()}"}
# Days that are past: none of them is compared with today.
MOMENT, SECONDS = "2026-11-18T12:40:05Z", 1795005605


def signed(body: bytes) -> str:
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


def proof_of(provider: str, body: bytes) -> dict[str, str]:
    """The headers of a true post."""
    header = {"mailersend": "Signature", "mailtrap": "Mailtrap-Signature"}.get(provider)
    if header:
        return {header: signed(body)}
    return BASIC


def postmark(address: str, kind: str = "HardBounce", **more: Any) -> dict[str, Any]:
    """A bounce or a complaint: Postmark tells both alike."""
    record = "SpamComplaint" if kind == "SpamComplaint" else "Bounce"
    server = {"ServerID": 7, "MessageStream": "outbound", "MessageID": "7f3d1c52-6f0e-4c2f-9b1e-2b9a54c1d001"}
    told = {"RecordType": record, "ID": 42, "Type": kind, "Email": address, "BouncedAt": MOMENT}
    return {**server, **told, "Details": "550 5.1.1 unknown", "Inactive": True, "Content": "", "Metadata": {}, **more}


def postmark_change(address: str, reason: str | None) -> dict[str, Any]:
    """Postmark stops, or begins again, to send to an address."""
    told = {"RecordType": "SubscriptionChange", "Recipient": address, "ChangedAt": MOMENT, "Origin": "Recipient"}
    return {**told, "SuppressSending": reason is not None, "SuppressionReason": reason, "MessageStream": "outbound"}


def brevo(address: str, event: str) -> dict[str, Any]:
    told = {"event": event, "email": address, "id": 1, "date": "2026-11-18 09:40:05", "ts_epoch": SECONDS * 1000}
    return {**told, "message-id": "<20261118.1@smtp-relay.mailin.fr>", "reason": "", "tag": ""}


def mailersend(address: str, event: str) -> dict[str, Any]:
    email = {"message": {"id": "62fb66bef54a112e920b5493"}, "recipient": {"email": address}, "tags": None}
    data = {"type": event, "id": "62f114f8165fe0d8db0288e5", "created_at": MOMENT, "email": email, "morph": None}
    return {"type": f"activity.{event}", "created_at": MOMENT, "webhook_id": "x", "data": data}


def mailgun(address: str, event: str, *, name: str = "1@exemplo.com.br", **more: str) -> dict[str, Any]:
    proof = {"timestamp": str(SECONDS), "token": "a8ce0edb2dd8301dee6c2405235584e4"}
    proof["signature"] = signed(f"{proof['timestamp']}{proof['token']}".encode())
    message = {"headers": {"to": address, "message-id": name, "subject": "x"}, "attachments": [], "size": 1}
    return {
        "signature": proof,
        "event-data": {"event": event, "recipient": address, "timestamp": SECONDS + 0.5, "message": message, **more},
    }


def mailjet(address: str, event: str, **more: Any) -> list[dict[str, Any]]:
    """Grouped events, as Mailjet recommends."""
    return [{"event": event, "time": SECONDS, "email": address, "MessageID": 13792286917004336, "Payload": "", **more}]


def mailtrap(address: str, event: str) -> dict[str, Any]:
    told = {"event": event, "email": address, "message_id": "41f4a8b0", "event_id": "bede7236", "timestamp": SECONDS}
    return {"events": [{**told, "sending_stream": "transactional", "response_code": 555}]}


def sparkpost(address: str, event: str, **more: str) -> list[dict[str, Any]]:
    """After an empty one, with which SparkPost tries whether somebody answers."""
    told = {"type": event, "raw_rcpt_to": address, "timestamp": str(SECONDS), "transmission_id": "6583", **more}
    return [{"msys": {}}, {"msys": {"message_event": told}}]


def text(said: Any) -> bytes:
    return json.dumps(said).encode()
