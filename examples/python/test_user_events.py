"""Runs the vectors: python -m unittest, in this folder."""

import json
import unittest
from datetime import datetime
from pathlib import Path

from user_events import (
    Malformed,
    Original,
    Position,
    dead_letter_headers,
    decode,
    judge,
    retry_delay_seconds,
)

CONTRACTS = Path(__file__).parents[2] / "contracts" / "user-events"


class Vectors(unittest.TestCase):
    def test_messages(self) -> None:
        paths = sorted((CONTRACTS / "vectors").glob("*.json"))
        self.assertGreater(len(paths), 0)
        for path in paths:
            vector = json.loads(path.read_text("utf-8"))
            positions: dict[str, Position] = {}
            for message in vector["messages"]:
                with self.subTest(path.name, why=message["why"]):
                    self.assertEqual(self.verdict(message, vector["version"], positions), message["verdict"])

    def verdict(self, message: dict, contract: int, positions: dict[str, Position]) -> str:
        try:
            event = decode(message["headers"], message["body"].encode("utf-8"), contract)
        except Malformed:
            return "malformed"
        position = positions.get(event.user_id)
        verdict = judge(position, event)
        if verdict in ("applied", "gap"):
            positions[event.user_id] = Position(event.version, event.event_id)
        if verdict == "gap" and position is not None:
            self.assertEqual(event.version - position.version - 1, message["skipped"])
        return verdict

    def test_dead_letters(self) -> None:
        vector = json.loads((CONTRACTS / "dead-letters" / "letters.json").read_text("utf-8"))
        for case in vector["letters"]:
            given = case["given"]
            with self.subTest(case["why"]):
                headers = dead_letter_headers(
                    given["headers"],
                    Original(given["stream"], given["sequence"], given["subject"], given["deliveries"]),
                    given["consumer"],
                    given["created"],
                    given["reason"],
                    given["detail"],
                    datetime.fromisoformat(given["at"]),
                )
                self.assertEqual(headers, case["letter"]["headers"])

    def test_delays(self) -> None:
        delays = [retry_delay_seconds(deliveries) for deliveries in range(1, 10)]
        self.assertEqual(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256])

    def test_bytes_that_are_no_utf_8(self) -> None:
        for body in (b'"\xff"', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00"):
            with self.assertRaises(Malformed):
                decode({}, body, 1)


if __name__ == "__main__":
    unittest.main()
