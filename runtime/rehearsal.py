"""A story played against a running house with its sandbox, watched from outside as a client would."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

Tell = Callable[[str], None]
PATIENCE = 90.0


class StoryStuck(Exception):
    """A step did not happen in time. The text says which."""


class Rehearsal:
    """Cancels an appointment, answers the text, and looks whether everybody learned of it."""

    def __init__(self, addresses: dict[str, str], tell: Tell) -> None:
        self._town = httpx.Client(base_url=addresses["sandbox"], timeout=20)
        self._prefect = httpx.Client(base_url=addresses["prefect"] + "/api", timeout=20)
        self._addresses = addresses
        self._tell = tell

    def play(self) -> None:
        """The whole story. Raises `StoryStuck`."""
        self._until("the appointments were read", self._has_read)
        appointment = self._first_booked()
        phone, old = appointment["phone"], appointment["datetime"]
        self._town.post(f"/_control/acuity/{appointment['id']}/cancel", json={"by": "client"})
        self._tell(
            f"[bold]{appointment['firstName']}[/bold] cancels {appointment['type']} in Acuity"
        )
        text = self._until("a text to the client", lambda: self._texts(phone))[0]
        self._tell("a signed webhook came in, a case was opened, and the client got a text:")
        self._quote(text["body"])
        self._tell(f"the case waits in Prefect: {self._run_link()}")
        self._town.post("/_control/phone/reply", json={"from": phone, "body": "2"})
        self._tell("the client answers [bold]2[/bold]")
        booked = self._until("a confirmation to the client", lambda: self._texts(phone)[1:])[0]
        self._quote(booked["body"])
        new = self._until("the new booking in Acuity", lambda: self._booked(phone))
        self._tell(f"booked in Acuity: {new[0]['datetime']} (it was {old})")
        self._until(
            "the mirror in Google Calendar", lambda: self._mirrored(appointment["id"], new[0])
        )
        self._tell("Google Calendar shows the new time")
        self._until("the office in Slack", lambda: self._slack("is rebooked"))
        self._tell("the office reads it in Slack")
        self._until("the end of the run", self._run_ended)
        self._once(phone)

    def _until(self, what: str, found: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if result := found():
                return result
            time.sleep(0.25)
        raise StoryStuck(f"did not happen within {PATIENCE:.0f} s: {what}")

    def _state(self, platform: str) -> Any:
        return self._town.get("/_control/state").json()[platform]

    def _first_booked(self) -> Any:
        return next(a for a in self._state("acuity")["appointments"] if not a["canceled"])

    def _texts(self, phone: str) -> list[Any]:
        """Texts the client got, oldest first."""
        sent = [m for m in self._state("twilio")["messages"] if m["direction"] != "inbound"]
        return sorted((m for m in sent if m["to"] == phone), key=lambda m: str(m["sid"]))

    def _booked(self, phone: str) -> list[Any]:
        found = self._state("acuity")["appointments"]
        return [a for a in found if a["phone"] == phone and not a["canceled"]]

    def _mirrored(self, old_id: object, new: Any) -> bool:
        """The event that mirrored the old appointment stands at the new time."""
        start = _instant(new["datetime"])
        return any(
            str(old_id) in str(event.get("extendedProperties"))
            and _instant(event["start"]["dateTime"]) == start
            for event in self._state("google_calendar")["events"]
        )

    def _slack(self, words: str) -> bool:
        return any(words in message["text"] for message in self._state("slack")["messages"])

    def _once(self, phone: str) -> None:
        """One case, one invitation, one booking: more would be a fault, not a success."""
        runs, texts, booked = (
            len(self._case_runs()),
            len(self._texts(phone)),
            len(self._booked(phone)),
        )
        if (runs, texts, booked) != (1, 2, 1):
            raise StoryStuck(f"not once each: {runs} cases, {texts} texts, {booked} bookings")
        self._tell("one case, one invitation, one confirmation, one booking")

    def _case_runs(self) -> list[Any]:
        return self._runs({"name": {"like_": "case-"}})

    def _has_read(self) -> bool:
        runs = self._runs({"name": {"like_": "catch up on"}})
        return len(runs) >= 2 and all(run["state_type"] == "COMPLETED" for run in runs)

    def _runs(self, wanted: dict[str, Any]) -> list[Any]:
        found: list[Any] = self._prefect.post(
            "/flow_runs/filter", json={"flow_runs": wanted}
        ).json()
        return found

    def _run_link(self) -> str:
        run = self._until("the case's run", self._case_runs)[0]
        return f"{self._addresses['prefect']}/runs/flow-run/{run['id']}"

    def _run_ended(self) -> bool:
        return all(run["state_type"] == "COMPLETED" for run in self._case_runs())

    def _quote(self, text: str) -> None:
        for line in text.splitlines():
            self._tell(f"    [italic]{line}[/italic]")


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
