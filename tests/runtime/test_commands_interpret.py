"""`rebook interpret` as another program runs it: lines in, lines out, in time and in little memory."""

import json
import subprocess
import sys
from typing import Any

import pytest

from runtime.commands.interpret import answer
from tests.domain.replies import score

RUN = """
import resource, sys, time
from runtime.cli import main
sys.argv = ["rebook", "interpret"]
try:
    main()
except SystemExit:
    pass
assert "prefect" not in sys.modules and "sqlalchemy" not in sys.modules
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
LINE = {
    "id": "r1", "channel": "sms", "lang": "en", "zone": "Pacific/Honolulu",
    "now": "2026-11-19T10:00:00-10:00", "missed": "2026-11-18T09:00:00-10:00", "text": "2",
    "offer": [{"code": 1, "start": "2026-11-23T09:00:00-10:00", "minutes": 60},
              {"code": 2, "start": "2026-11-25T01:00:00+01:00", "minutes": 60}],
}  # fmt: skip


def line(**changes: Any) -> bytes:
    return json.dumps(LINE | changes).encode()


def run(lines: list[bytes]) -> tuple[list[dict[str, Any]], float, int]:
    """What came out, the seconds of one core it took, and its largest memory in kB."""
    done = subprocess.run(
        [sys.executable, "-c", RUN], input=b"\n".join(lines), capture_output=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seconds, memory = done.stderr.split()
    return [json.loads(row) for row in done.stdout.splitlines()], float(seconds), int(memory)


def test_an_acceptance_names_the_offered_code() -> None:
    assert answer(line()) == {
        "id": "r1", "intent": "accept", "slot": 2, "window": None,
        "rule": "number of a slot", "confidence": 0.98,
    }  # fmt: skip


def test_a_code_comes_back_as_it_was_given() -> None:
    offer = [{"code": "B", "start": "2026-11-23T09:00:00-10:00", "minutes": 60}]
    assert answer(line(offer=offer, text="b please"))["slot"] == "B"


def test_a_wish_has_a_window_with_the_offset_of_its_own_day() -> None:
    found = answer(
        line(zone="America/New_York", now="2027-03-12T09:00:00-05:00", text="sunday", offer=[])
    )
    assert found["window"] == {
        "start": "2027-03-14T00:00:00-05:00", "end": "2027-03-15T00:00:00-04:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (b"not json", "not a line of JSON"),
        (b"\xff\xfe", "not a line of JSON"),
        (b"[" * 100_000, "not a line of JSON"),
        (b"[]", "a line is an object with an id"),
        (b'{"text": "2"}', "id: missing"),
        (line(text=None), "text: not a text"),
        (line(now="today"), "now: not a time in ISO 8601"),
        (line(now="2026-11-19T10:00:00"), "now: without its offset"),
        (line(zone="../../etc/passwd"), "zone: not the name of a time zone"),
        (line(zone=["UTC"]), "zone: not the name of a time zone"),
        (line(zone=""), "zone: not the name of a time zone"),
        (line(lang="fr"), "lang: not one of en, es, mix"),
        (line(channel="fax"), "channel: not one of sms, email"),
        (line(offer={"code": 1}), "offer: not a list"),
        (line(offer=[1]), "offer: a slot is an object"),
        (line(offer=[LINE["offer"][0]] * 2), "offer: a code is missing or there twice"),
        (line(offer=[{"code": 1}]), "offer: minutes are not between 1 and 1440"),
        (line(offer=[{"code": 1, "minutes": 5, "start": 7}]), "offer: start: not a time in ISO 8601"),
        (line(text="in 2 hours", zone="UTC", now="9999-12-31T23:00:00+00:00"),
         "now or a start is too far away"),
    ],
)  # fmt: skip
def test_a_bad_line_is_answered_with_what_is_wrong(bad: bytes, error: str) -> None:
    assert answer(bad)["error"] == error


def test_a_bad_line_does_not_end_the_rest() -> None:
    rows, _, _ = run([line(id=1), b"{", b"", b'{"id": 7}', b"x" * 3_000_000, line(id=2)])
    assert [(row["id"], row.get("intent")) for row in rows] == [
        (1, "accept"), (None, None), (7, None), (None, None), (2, "accept"),
    ]  # fmt: skip


def test_ten_thousand_replies_take_less_than_twenty_seconds_and_no_more_memory_than_a_thousand() -> (
    None
):
    replies = [
        line(id=n, text=row.text, channel=row.channel, lang=row.lang)
        for n, row in enumerate(score.replies(*score.OPEN))
    ]
    many = (replies * 10)[:10_000]
    _, _, before = run(many[:2_000])
    rows, seconds, after = run(many)
    assert len(rows) == 10_000
    assert not any("error" in row for row in rows)
    assert seconds < 20
    assert after < before + 8_000
