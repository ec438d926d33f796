"""The wire rules of user events: what a message must be, and what to do with it. Only the standard library is needed.

docs/consume.md explains each rule. Copy this file into your service.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Mapping, NoReturn
from urllib.parse import unquote_to_bytes

HIGHEST_VERSION = 2**53 - 1
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SEQUENCE = re.compile(r"[0-9]{20}")
TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
WRONG_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Malformed(Exception):
    """The message is no event. The text names headers and fields, and contains no values."""


@dataclass(frozen=True)
class Event:
    event_id: str
    user_id: str
    version: int
    action: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Position:
    """The last event of a user that was applied. Keep it when the user is deleted."""

    version: int
    event_id: str


def decode(headers: Mapping[str, str], body: bytes, contract: int) -> Event:
    """Reads a message as version 1 or 2 of the contract. Raises Malformed."""
    data = _parse(body)
    for field, is_right in _FIELDS[contract].items():
        if field not in data:
            raise Malformed(f"{field} is missing")
        if not is_right(data[field]):
            raise Malformed(f"{field} is wrong")

    event_id = _header(headers, "ce-id")
    event_type = _header(headers, "ce-type")
    sequence = _header(headers, "ce-sequence")
    ending = f".user.{data['action']}"
    version = int(sequence) if SEQUENCE.fullmatch(sequence) else 0
    wrong = {
        "ce-specversion is not 1.0": _header(headers, "ce-specversion") != "1.0",
        "ce-id is no UUID": not UUID.fullmatch(event_id),
        "ce-source is missing": _header(headers, "ce-source") == "",
        "ce-subject is not the id": _header(headers, "ce-subject") != data["id"],
        "ce-type is not about the action": not event_type.endswith(ending) or event_type == ending,
        "ce-sequence is no version": not 1 <= version <= HIGHEST_VERSION,
        # Also for readers of version 1, which get messages of version 2.
        "eventId is not ce-id": "eventId" in data and data["eventId"] != event_id,
        "version is not ce-sequence": "version" in data
        and not (_is_integer(data["version"]) and data["version"] == version),
    }
    found = [problem for problem, is_wrong in wrong.items() if is_wrong]
    if found:
        raise Malformed("; ".join(found))
    return Event(event_id, data["id"], version, data["action"], data)


def judge(position: Position | None, event: Event) -> str:
    """Compares an event with the position of its user. Only `applied` and `gap` are applied."""
    if position is None:
        return "applied"
    if event.version < position.version:
        return "stale"
    if event.version == position.version:
        return "duplicate" if event.event_id == position.event_id else "conflict"
    return "applied" if event.version == position.version + 1 else "gap"


def retry_delay_seconds(deliveries: int) -> int:
    """How long to wait after the delivery with this number has failed, from 1."""
    return min(300, 2 ** (deliveries - 1))


@dataclass(frozen=True)
class Original:
    """Where a message came from."""

    stream: str
    sequence: int
    subject: str
    deliveries: int


def dead_letter_headers(
    headers: Mapping[str, str],
    original: Original,
    consumer: str,
    created: str,
    reason: str,
    detail: str,
    at: datetime,
) -> dict[str, str]:
    """The headers of a dead letter, whose body is the original body. `created` is that of the durable consumer."""
    kept = {
        name: value
        for name, value in headers.items()
        if not name.lower().startswith(("nats-", "dead-letter-"))
    }
    utc = at.astimezone(timezone.utc)
    note = {
        "dead-letter-consumer": consumer,
        "dead-letter-reason": reason,
        "dead-letter-detail": detail[:500],
        "dead-letter-attempts": str(original.deliveries),
        "dead-letter-stream": original.stream,
        "dead-letter-sequence": str(original.sequence),
        "dead-letter-subject": original.subject,
        "dead-letter-at": f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z",
    }
    kept |= {name: _encode(value) for name, value in note.items()}
    message_id = _raw_header(headers, "nats-msg-id")
    if message_id is not None:
        kept["dead-letter-msg-id"] = message_id
    place = f"{original.stream}:{original.sequence}"
    kept["Nats-Msg-Id"] = f"{place}:dlq:{consumer}:{created}"
    return kept


def _raw_header(headers: Mapping[str, str], name: str) -> str | None:
    values = [value for present, value in headers.items() if present.lower() == name]
    return ", ".join(values) if values else None


def _header(headers: Mapping[str, str], name: str) -> str:
    """The decoded value; empty when the header is missing."""
    value = _raw_header(headers, name) or ""
    if WRONG_ESCAPE.search(value):
        return value
    try:
        return unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return value


def _encode(value: str) -> str:
    """Percent-encodes all but printable ASCII, and also space, quote and percent."""
    return "".join(
        chr(byte) if 0x20 < byte <= 0x7E and byte not in b'"%' else f"%{byte:02X}"
        for byte in value.encode("utf-8", errors="replace")
    )


def _parse(body: bytes) -> dict[str, Any]:
    try:
        # `json.loads` would detect UTF-16 and remove a byte order mark, if it got the bytes.
        data = json.loads(body.decode("utf-8"), parse_int=_number, parse_constant=_refuse_constant)
        # Fails for half of a surrogate pair, wherever it is.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as fault:
        raise Malformed("the body is not JSON in UTF-8") from fault
    if not isinstance(data, dict):
        raise Malformed("the body is no JSON object")
    return data


def _number(digits: str) -> int | float:
    # `int` refuses numbers of thousands of digits, which an unknown field may have.
    return int(digits) if len(digits) < 20 else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_text(value: object, shortest: int = 0, longest: int | None = None) -> bool:
    return isinstance(value, str) and shortest <= len(value) and (longest is None or len(value) <= longest)


def _is_integer(value: object) -> bool:
    # A truth value is an int in Python. A number such as 2.0 is an integer in JSON Schema.
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def _is_timestamp(value: object) -> bool:
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        return False
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return False
    # `strptime` knows second 60 and 61.
    return value[17:19] < "60"


def _is_changed(value: object) -> bool:
    if not isinstance(value, list) or len(value) > 64:
        return False
    return all(_is_text(name, 1, 64) for name in value) and len(set(value)) == len(value)


_VERSION_1 = {
    "id": _is_uuid,
    "email": lambda value: value is None or _is_text(value, 0, 254),
    "username": lambda value: _is_text(value, 3, 30),
    "displayName": lambda value: value is None or _is_text(value, 1, 100),
    "avatar": lambda value: value is None or (_is_text(value, 0, 2048) and value.startswith("https://")),
    "role": lambda value: value in ("user", "moderator", "admin"),
    "isActive": lambda value: isinstance(value, bool),
    "action": lambda value: value in ("created", "updated", "deleted"),
    "timestamp": _is_timestamp,
}
_VERSION_2 = {
    "schemaVersion": lambda value: _is_integer(value) and value == 2,
    "eventId": _is_uuid,
    "version": lambda value: _is_integer(value) and 1 <= value <= HIGHEST_VERSION,
    "changed": _is_changed,
    "emailVerified": lambda value: isinstance(value, bool),
}
_FIELDS: Mapping[int, Mapping[str, Any]] = {1: _VERSION_1, 2: {**_VERSION_1, **_VERSION_2}}
