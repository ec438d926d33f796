"""A consumer of user events that keeps its users in SQLite. It follows the eight rules of docs/consume.md."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import AsyncIterator, Mapping

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingCame

from user_events import (
    Event,
    Malformed,
    Original,
    Position,
    dead_letter_headers,
    decode,
    judge,
    retry_delay_seconds,
)

CONSUMER = os.environ.get("NATS_USER", "newsletter")
CONTRACT = int(os.environ.get("USER_EVENTS_VERSION", "1"))
STREAMS = ("USER_EVENTS", "USER_EVENTS_DIRECT")
DELIVERIES = 10
ACK_WAIT_SECONDS = 30

TABLES = """
pragma journal_mode = wal;
create table if not exists users (id text primary key, name text not null);
create table if not exists positions (user_id text primary key, version integer not null, event_id text not null);
"""


class Consumer:
    def __init__(self, connection: Client, database: sqlite3.Connection) -> None:
        self.connection = connection
        self.jetstream = connection.jetstream()
        self.database = database
        # SQLite has one transaction at a time, and so this consumer handles one message at a time.
        self.turn = asyncio.Lock()

    async def read(self, stream: str) -> None:
        """Reads until it is cancelled, whatever happens to the stream or the server (rule 8)."""
        subscription = None
        while True:
            try:
                if subscription is None:
                    # Binds to the durable consumer that an operator created (rule 1).
                    subscription = await self.jetstream.pull_subscribe_bind(durable=CONSUMER, stream=stream)
                # One message, so that none waits in this process without a sign of life.
                for message in await subscription.fetch(1, timeout=5):
                    async with sign_of_life(message), self.turn:
                        await self.settle(stream, message)
            except NothingCame:
                continue
            except Exception as fault:
                print(f"cannot read {stream}: {fault!r}", file=sys.stderr)
                subscription = None
                await asyncio.sleep(1)

    async def settle(self, stream: str, message: Msg) -> None:
        place = message.metadata
        original = Original(stream, place.sequence.stream, message.subject, place.num_delivered)
        headers = message.headers or {}
        try:
            event = decode(headers, message.data, CONTRACT)
        except Malformed as fault:
            await self.park(headers, message.data, original, "malformed", str(fault))
            await message.term()
            return
        position = await self.begin(event.user_id)
        try:
            verdict = self.apply(event, position)
        except Exception as fault:
            self.database.rollback()
            if original.deliveries >= DELIVERIES:
                await self.park(headers, message.data, original, "handler-failed", repr(fault))
                await message.term()
            else:
                await message.nak(delay=retry_delay_seconds(original.deliveries))
                print(f"retry {event.user_id[-4:]} {event.version}", flush=True)
            return
        await message.ack()
        print(f"{verdict} {event.user_id[-4:]} {event.version}", flush=True)

    async def begin(self, user_id: str) -> Position | None:
        """Begins the transaction, which locks the database. While it is away, no delivery is used up (rule 8)."""
        while True:
            try:
                self.database.execute("begin immediate")
                return self.position(user_id)
            except sqlite3.OperationalError as fault:
                self.database.rollback()
                print(f"cannot reach the database: {fault!r}", file=sys.stderr)
                await asyncio.sleep(1)

    def apply(self, event: Event, position: Position | None) -> str:
        """Writes the user and the position, and commits them together (rule 4)."""
        verdict = judge(position, event)
        if verdict in ("applied", "gap"):
            handle(event, self.database)
            self.database.execute(
                "insert into positions values (?, ?, ?) on conflict (user_id) do update"
                " set version = excluded.version, event_id = excluded.event_id",
                (event.user_id, event.version, event.event_id),
            )
        self.database.commit()
        return verdict

    def position(self, user_id: str) -> Position | None:
        row = self.database.execute(
            "select version, event_id from positions where user_id = ?", (user_id,)
        ).fetchone()
        return None if row is None else Position(*row)

    async def park(
        self, headers: Mapping[str, str], body: bytes, original: Original, reason: str, detail: str
    ) -> None:
        """Publishes a dead letter and waits until it is stored (rule 7)."""
        subject = f"$JS.API.CONSUMER.INFO.{original.stream}.{CONSUMER}"
        information = json.loads((await self.connection.request(subject, timeout=5)).data)
        letter = dead_letter_headers(
            headers, original, CONSUMER, information["created"], reason, detail, datetime.now(timezone.utc)
        )
        await self.jetstream.publish(
            f"dlq.user.events.{CONSUMER}", body, headers=letter, stream="USER_EVENTS_DLQ", timeout=5
        )
        print(f"dead-letter {reason} {original.stream} {original.sequence}", flush=True)

    async def watch(self, stream: str) -> None:
        """Parks messages that were delivered for the last time and that nobody answered (rule 7)."""
        advisories = await self.connection.subscribe(
            f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{CONSUMER}"
        )
        async for advisory in advisories.messages:
            exceeded = json.loads(advisory.data)
            while True:
                try:
                    await self.park_exceeded(stream, exceeded["stream_seq"], exceeded["deliveries"])
                    break
                except nats.js.errors.NotFoundError:
                    break
                except Exception as fault:
                    print(f"cannot park: {fault!r}", file=sys.stderr)
                    await asyncio.sleep(1)

    async def park_exceeded(self, stream: str, sequence: int, deliveries: int) -> None:
        stored = await self.jetstream.get_msg(stream, sequence)
        headers, body = stored.headers or {}, stored.data or b""
        original = Original(stream, sequence, stored.subject or "", deliveries)
        try:
            event = decode(headers, body, CONTRACT)
            if judge(self.position(event.user_id), event) in ("stale", "duplicate"):
                return
        except Malformed:
            pass
        await self.park(headers, body, original, "never-answered", f"delivered {deliveries} times")


def handle(event: Event, database: sqlite3.Connection) -> None:
    """What this service does with an event. It writes only through `database`."""
    if event.action == "deleted":
        database.execute("delete from users where id = ?", (event.user_id,))
    else:
        database.execute(
            "insert into users values (?, ?) on conflict (id) do update set name = excluded.name",
            (event.user_id, event.data["displayName"] or event.data["username"]),
        )


@asynccontextmanager
async def sign_of_life(message: Msg) -> AsyncIterator[None]:
    """Tells the server three times in each ack wait that the message is being worked on (rule 5)."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(ACK_WAIT_SECONDS / 3)
            await message.in_progress()

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def main() -> None:
    database = sqlite3.connect(os.environ.get("DATABASE", "users.db"), isolation_level=None, timeout=1)
    database.executescript(TABLES)
    connection = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        user=CONSUMER,
        password=os.environ.get("NATS_PASSWORD"),
        inbox_prefix=f"_INBOX.{CONSUMER}".encode(),
        max_reconnect_attempts=-1,
    )
    consumer = Consumer(connection, database)
    # Before the reading, because the server says it once.
    watching = [asyncio.create_task(consumer.watch(stream)) for stream in STREAMS]
    reading = [asyncio.create_task(consumer.read(stream)) for stream in STREAMS]
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    # Lets the message that is being handled finish. What was fetched and has not begun comes again.
    async with consumer.turn:
        for task in (*reading, *watching):
            task.cancel()
        await asyncio.gather(*reading, *watching, return_exceptions=True)
    await connection.close()
    database.close()


if __name__ == "__main__":
    asyncio.run(main())
