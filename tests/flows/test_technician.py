"""A technician at a closed door: their report ends in a new booking, and the record knows why."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Appointment, SyncTarget
from rebook.domain import clock
from tests.flows.house import ROOT, Client, House, until


def test_no_one_home_is_reported_from_the_doorstep_and_ends_in_a_new_booking(house: House) -> None:
    client = house.client()
    start = visited_half_an_hour_ago(client)
    with httpx.Client(follow_redirects=True, timeout=20) as phone:
        page = phone.get(link(house, client, start))
        assert page.status_code == 200
        assert "/t/" not in str(page.url)
        sent = [press(phone, page, client, "no_one_home") for _ in range(2)]
        assert [answer.status_code for answer in sent] == [200, 200]
        assert "has arrived" in sent[0].text
        offer = client.gets_offer()
        assert "we missed you" in offer
        client.replies("1")
        client.case_in("rebooked")
        client.gets_confirmation()
        until("the page says what was reported", lambda: "No one home" in listed(phone, page))
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert (client.case().cause, len(client.cases()), len(client.bookings())) == ("noshow", 1, 1)
    assert len(client.texts("New times")) == 1
    assert old(client)["noShow"] is True
    assert told(client) == {"acuity": "", "google": "", "slack": ""}


def visited_half_an_hour_ago(client: Client) -> datetime:
    """The office moves the visit into the past hour, and the ledger has heard of it."""
    (entry,) = [one for one in connections(client.house) if one["slug"] == "acuity"]
    start = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=30)
    login = (entry["credentials"]["user_id"], entry["credentials"]["api_key"])
    moved = httpx.put(
        f"{entry['base_url']}/appointments/{client.appointment_id}/reschedule",
        params={"admin": "true", "noEmail": "true"},
        json={"datetime": start.isoformat()},
        auth=login,
        timeout=60,
    )
    assert moved.status_code == 200, moved.text
    until("the ledger knows the new time", lambda: row(client).starts_at == start)
    return start


def connections(house: House) -> list[dict[str, Any]]:
    with house.town as town:
        found: list[dict[str, Any]] = town.get("/_control/connections").json()
        return found


def row(client: Client) -> Appointment:
    with ledger() as session:
        return session.exec(
            select(Appointment).where(
                Appointment.connection == "acuity",
                Appointment.external_id == client.appointment_id,
            )
        ).one()


def link(house: House, client: Client, start: datetime) -> str:
    """As an admin makes it."""
    seen = row(client)
    day = start.astimezone(ZoneInfo(seen.zone)).date().isoformat()
    command = ["link", "technician", "--calendar", seen.calendar, "--day", day]
    made = subprocess.run(
        [sys.executable, "-m", "runtime.cli", *command],
        cwd=ROOT,
        env=os.environ | {"REBOOK_DATA_DIR": str(house.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def press(phone: httpx.Client, page: httpx.Response, client: Client, button: str) -> httpx.Response:
    """The same form each time: its key is the page's."""
    ref = row(client).id
    form = next(part for part in page.text.split("</form>") if f'value="{ref}"' in part)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.rpartition("<form")[2]))
    parts = {**fields, "report": button, "note": "nobody answered", "website": ""}
    files = {name: (None, value) for name, value in parts.items()}
    origin = f"{page.url.scheme}://{page.url.host}:{page.url.port}"
    return phone.post(str(page.url), files=files, headers={"Origin": origin})


def listed(phone: httpx.Client, page: httpx.Response) -> str:
    """What the page of the day now says was reported."""
    return " ".join(re.findall(r"<li>(.*?)</li>", phone.get(str(page.url)).text))


def old(client: Client) -> dict[str, Any]:
    every = client.house.platform("acuity")["appointments"]
    found: dict[str, Any] = next(a for a in every if str(a["id"]) == client.appointment_id)
    return found


def told(client: Client) -> dict[str, str]:
    with ledger() as session:
        rows = session.exec(select(SyncTarget).where(SyncTarget.case_id == client.case().id)).all()
    assert {one.state for one in rows} == {"done"}
    return {one.connection: one.fault for one in rows}
