"""The same story as a newcomer to Prefect would write it: one flow, a task a call, nothing else of ours."""

from typing import Any

import httpx
from prefect import flow, task
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput


class Choice(RunInput):
    choice: int


class Town:
    """The sandbox's platforms with the credentials it lists."""

    def __init__(self, url: str) -> None:
        listed = httpx.get(f"{url}/_control/connections").json()
        self.at = {entry["connection"]: entry for entry in listed}

    def call(self, connection: str, method: str, path: str, **more: Any) -> Any:
        entry = self.at[connection]
        answer = httpx.request(
            method, f"{entry['base_url'].rstrip('/')}/{path}", timeout=60, **_login(entry), **more
        )
        answer.raise_for_status()
        return answer.json()


def _login(entry: Any) -> dict[str, Any]:
    keys = entry["credentials"]
    basic = {"acuity": ("user_id", "api_key"), "twilio": ("account_sid", "auth_token")}
    if entry["connection"] in basic:
        user, password = basic[entry["connection"]]
        return {"auth": (keys[user], keys[password])}
    token = keys.get("access_token") or keys.get("bot_token")
    return {"headers": {"Authorization": f"Bearer {token}"}}


@task(retries=3, retry_delay_seconds=1)
def read_appointment(url: str, number: str) -> Any:
    return Town(url).call("acuity", "GET", f"appointments/{number}")


@task(retries=3, retry_delay_seconds=1)
def find_times(url: str, appointment: Any) -> list[str]:
    what = {
        "appointmentTypeID": appointment["appointmentTypeID"],
        "calendarID": appointment["calendarID"],
    }
    town, found = Town(url), []
    month = appointment["datetime"][:7]
    for day in town.call("acuity", "GET", "availability/dates", params={**what, "month": month}):
        rows = town.call(
            "acuity", "GET", "availability/times", params={**what, "date": day["date"]}
        )
        found += [row["time"] for row in rows[:1]]
        if len(found) == 3:
            break
    return found


@task(retries=3, retry_delay_seconds=1)
def text(url: str, to: str, words: str) -> None:
    town = Town(url)
    account, sender = town.at["twilio"]["credentials"]["account_sid"], town.at["twilio"]["settings"]
    town.call(
        "twilio",
        "POST",
        f"2010-04-01/Accounts/{account}/Messages.json",
        data={"To": to, "From": sender["from"], "Body": words},
    )


@task(retries=3, retry_delay_seconds=1)
def book(url: str, appointment: Any, time: str) -> Any:
    body = {
        "datetime": time,
        "appointmentTypeID": appointment["appointmentTypeID"],
        "calendarID": appointment["calendarID"],
        "firstName": appointment["firstName"],
        "lastName": appointment["lastName"],
        "email": appointment["email"],
        "phone": appointment["phone"],
    }
    return Town(url).call("acuity", "POST", "appointments", json=body)


@task(retries=3, retry_delay_seconds=1)
def move_event(url: str, appointment: Any, start: str, end: str) -> None:
    town = Town(url)
    calendar = town.at["google"]["settings"]["calendar_map"].split(",")
    calendar = dict(pair.split("=") for pair in calendar)[str(appointment["calendarID"])]
    listed = town.call(
        "google",
        "GET",
        f"calendars/{calendar}/events",
        params={"privateExtendedProperty": f"acuity_id={appointment['id']}"},
    )
    body = {"start": {"dateTime": start}, "end": {"dateTime": end}, "status": "confirmed"}
    for event in listed["items"]:
        town.call("google", "PATCH", f"calendars/{calendar}/events/{event['id']}", json=body)


@task(retries=3, retry_delay_seconds=1)
def tell_office(url: str, words: str) -> None:
    town = Town(url)
    channel = town.at["slack"]["settings"]["channel"]
    town.call("slack", "POST", "chat.postMessage", json={"channel": channel, "text": words})


@flow(name="naive", persist_result=True)
def naive(url: str, number: str) -> str:
    appointment: Any = read_appointment(url, number)
    times: Any = find_times(url, appointment)
    choices = ", ".join(f"{at}: {time}" for at, time in enumerate(times, start=1))
    text(url, appointment["phone"], f"New times: {choices}")
    answer = suspend_flow_run(wait_for_input=Choice, timeout=7 * 86400)
    new: Any = book(url, appointment, times[answer.choice - 1])
    move_event(url, appointment, new["datetime"], new["datetime"])
    tell_office(url, f"{number} is rebooked")
    text(url, appointment["phone"], "You are booked.")
    return str(new["id"])
