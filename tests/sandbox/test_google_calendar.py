"""Google Calendar as its discovery document and guides describe it."""

import httpx
import pytest

from tests.sandbox.conftest import Gateway, Json, Received, Running


@pytest.fixture
def google(sandbox: Running) -> httpx.Client:
    return sandbox.google()


@pytest.fixture
def events(sandbox: Running) -> str:
    return f"/calendars/{sandbox.calendar()}/events"


def body(hour: int = 9, **fields: object) -> Json:
    day = "2030-05-06"
    return {
        "summary": "Test",
        "start": {"dateTime": f"{day}T{hour:02d}:00:00Z"},
        "end": {"dateTime": f"{day}T{hour + 1:02d}:00:00Z"},
        **fields,
    }


def full_sync(google: httpx.Client, events: str) -> str:
    return str(google.get(events).json()["nextSyncToken"])


def reason(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["errors"][0]["reason"]


def test_every_appointment_is_mirrored_once(sandbox: Running) -> None:
    state = sandbox.state()
    mirrored = [
        event["extendedProperties"]["private"]["acuity_id"]
        for event in state["google_calendar"]["events"]
    ]
    own = [str(one["id"]) for one in state["acuity"]["appointments"]]
    assert sorted(mirrored) == sorted(own)


def test_a_sync_token_brings_what_changed_deleted_ones_too(
    google: httpx.Client, events: str
) -> None:
    token = full_sync(google, events)
    made = google.post(events, json=body()).json()
    gone = google.get(events).json()["items"][0]
    assert google.delete(f"{events}/{gone['id']}").status_code == 204
    changed = google.get(events, params={"syncToken": token}).json()
    assert [(e["id"], e["status"]) for e in changed["items"]] == [
        (made["id"], "confirmed"),
        (gone["id"], "cancelled"),
    ]
    later = google.get(events, params={"syncToken": changed["nextSyncToken"]}).json()
    assert later["items"] == []


def test_pages_lead_to_one_sync_token_and_lose_nothing_changed_meanwhile(
    google: httpx.Client, events: str
) -> None:
    seen: list[str] = []
    query: Json = {"maxResults": 2}
    while True:
        page = google.get(events, params=query).json()
        seen += [event["id"] for event in page["items"]]
        if len(seen) == 2:
            made = google.post(events, json=body()).json()["id"]
        if "nextSyncToken" in page:
            break
        query["pageToken"] = page["nextPageToken"]
    changed = google.get(events, params={"syncToken": page["nextSyncToken"]}).json()["items"]
    assert made in [event["id"] for event in changed]
    assert len(seen) == len(set(seen)) >= 6


def test_a_forgotten_sync_token_is_410(sandbox: Running, google: httpx.Client, events: str) -> None:
    token = full_sync(google, events)
    sandbox.act("/google/expire_sync_tokens")
    assert reason(google.get(events, params={"syncToken": token})) == (410, "fullSyncRequired")


@pytest.mark.parametrize("name", ["timeMin", "orderBy", "privateExtendedProperty", "updatedMin"])
def test_filters_cannot_stand_beside_a_sync_token(
    google: httpx.Client, events: str, name: str
) -> None:
    query = {"syncToken": full_sync(google, events), name: "2030-01-01T00:00:00Z"}
    assert google.get(events, params=query).status_code == 400


def test_other_parameters_must_be_those_of_the_first_call(
    google: httpx.Client, events: str
) -> None:
    query = {"syncToken": full_sync(google, events), "singleEvents": "true"}
    assert google.get(events, params=query).status_code == 400


def test_our_own_id_makes_an_insert_happen_once(google: httpx.Client, events: str) -> None:
    assert google.post(events, json=body(id="rebook00001")).status_code == 200
    assert reason(google.post(events, json=body(id="rebook00001"))) == (409, "duplicate")


def test_the_id_of_a_deleted_event_stays_taken(google: httpx.Client, events: str) -> None:
    google.post(events, json=body(id="rebook00001"))
    google.delete(f"{events}/rebook00001")
    assert google.post(events, json=body(id="rebook00001")).status_code == 409
    assert google.get(f"{events}/rebook00001").json()["status"] == "cancelled"
    assert reason(google.delete(f"{events}/rebook00001")) == (410, "deleted")


@pytest.mark.parametrize("event_id", ["abc", "UPPER123", "with-dash-1", "zzzzz", 12345])
def test_an_id_outside_base32hex_is_refused(
    google: httpx.Client, events: str, event_id: object
) -> None:
    assert google.post(events, json=body(id=event_id)).status_code == 400


def test_a_patch_with_a_stale_etag_is_412(google: httpx.Client, events: str) -> None:
    made = google.post(events, json=body()).json()
    path, stale = f"{events}/{made['id']}", {"If-Match": made["etag"]}
    assert google.patch(path, json={"summary": "A"}, headers=stale).status_code == 200
    second = google.patch(path, json={"summary": "B"}, headers=stale)
    assert reason(second) == (412, "conditionNotMet")
    assert google.get(path).json()["summary"] == "A"
    assert google.delete(path, headers=stale).status_code == 412


def test_an_unchanged_event_is_304(google: httpx.Client, events: str) -> None:
    made = google.post(events, json=body()).json()
    answer = google.get(f"{events}/{made['id']}", headers={"If-None-Match": made["etag"]})
    assert answer.status_code == 304


def test_a_patch_merges_and_a_move_raises_the_sequence(google: httpx.Client, events: str) -> None:
    private = {"extendedProperties": {"private": {"a": "1"}}}
    path = f"{events}/{google.post(events, json=body(9, **private)).json()['id']}"
    more = {"extendedProperties": {"private": {"b": "2"}}}
    merged = google.patch(path, json=more).json()
    assert merged["extendedProperties"]["private"] == {"a": "1", "b": "2"}
    moved = google.patch(path, json={k: v for k, v in body(11).items() if k != "summary"}).json()
    assert (merged["sequence"], moved["sequence"], moved["summary"]) == (0, 1, "Test")


def test_an_update_replaces_the_whole_event(google: httpx.Client, events: str) -> None:
    made = google.post(events, json=body(description="old")).json()
    updated = google.put(f"{events}/{made['id']}", json=body(12)).json()
    assert "description" not in updated
    assert (updated["id"], updated["created"]) == (made["id"], made["created"])


def test_an_event_moves_to_another_calendar_under_its_id(
    sandbox: Running, google: httpx.Client, events: str
) -> None:
    token = full_sync(google, events)
    made = google.post(events, json=body()).json()["id"]
    other = str(sandbox.connection("google")["settings"]["calendars"]).split(",")[1]
    path = f"{events}/{made}/move"
    moved = google.post(path, params={"destination": other}).json()
    assert (moved["id"], moved["status"], moved["organizer"]["email"]) == (made, "confirmed", other)
    [left] = google.get(events, params={"syncToken": token}).json()["items"]
    assert (left["id"], left["status"]) == (made, "cancelled")
    assert google.post(path, params={"destination": other}).status_code == 400
    assert google.post(path, params={"destination": "nobody@example.com"}).status_code == 404


def test_events_are_found_by_our_own_property(google: httpx.Client, events: str) -> None:
    google.post(events, json=body(extendedProperties={"private": {"case": "c1"}}))
    found = google.get(events, params={"privateExtendedProperty": "case=c1"}).json()["items"]
    assert len(found) == 1
    assert google.get(events, params={"privateExtendedProperty": "case=c2"}).json()["items"] == []


def test_free_busy_merges_and_leaves_out_cancelled_and_transparent(
    sandbox: Running, google: httpx.Client, events: str
) -> None:
    for event in (body(), body(10), body(14, transparency="transparent")):
        google.post(events, json=event)
    gone = google.post(events, json=body(16)).json()
    google.delete(f"{events}/{gone['id']}")
    ask = {
        "timeMin": "2030-05-06T00:00:00Z",
        "timeMax": "2030-05-07T00:00:00Z",
        "items": [{"id": sandbox.calendar()}, {"id": "nobody@example.com"}],
    }
    calendars = google.post("/freeBusy", json=ask).json()["calendars"]
    taken = {"start": "2030-05-06T09:00:00Z", "end": "2030-05-06T11:00:00Z"}
    assert calendars[sandbox.calendar()]["busy"] == [taken]
    assert calendars["nobody@example.com"]["errors"][0]["reason"] == "notFound"


def test_an_access_token_lasts_an_hour_of_the_towns_clock_and_is_renewed(sandbox: Running) -> None:
    entry = sandbox.connection("google")
    credentials = entry["credentials"]
    with sandbox.google() as google:
        assert google.get("/users/me/calendarList").status_code == 200
        sandbox.act("/clock", advance_seconds=3600)
        assert reason(google.get("/users/me/calendarList")) == (401, "authError")
        form = {
            "grant_type": "refresh_token",
            **{k: credentials[k] for k in ("client_id", "client_secret", "refresh_token")},
        }
        fresh = httpx.post(entry["settings"]["token_url"], data=form, timeout=60).json()
        bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
        assert google.get("/users/me/calendarList", headers=bearer).status_code == 200
        sandbox.act("/google/revoke")
        revoked = httpx.post(entry["settings"]["token_url"], data=form, timeout=60)
    assert (revoked.status_code, revoked.json()["error"]) == (400, "invalid_grant")


def _number(one: Received) -> int:
    """Two messages may overtake one another: Google counts them, and promises no order."""
    return int(one.headers["x-goog-message-number"])


def test_a_channel_hears_sync_then_exists_until_it_is_stopped(
    google: httpx.Client, events: str, gateway: Gateway
) -> None:
    ask = {"id": "channel-1", "type": "web_hook", "address": f"{gateway.url}/g", "token": "t-1"}
    channel = google.post(f"{events}/watch", json=ask).json()
    google.post(events, json=body())
    sync, exists = sorted(gateway.wait(2, "/g"), key=_number)
    assert [h.headers["x-goog-resource-state"] for h in (sync, exists)] == ["sync", "exists"]
    assert [h.headers["x-goog-message-number"] for h in (sync, exists)] == ["1", "2"]
    assert (exists.headers["x-goog-channel-token"], exists.body) == ("t-1", b"")
    assert exists.headers["x-goog-resource-id"] == channel["resourceId"]
    stop = {"id": channel["id"], "resourceId": channel["resourceId"]}
    assert google.post("/channels/stop", json=stop).status_code == 204
    assert google.post("/channels/stop", json=stop).status_code == 404


def test_a_channel_lapses_after_a_week(
    sandbox: Running, google: httpx.Client, events: str, gateway: Gateway
) -> None:
    ask = {"id": "channel-1", "type": "web_hook", "address": f"{gateway.url}/g"}
    google.post(f"{events}/watch", json=ask)
    assert google.post(f"{events}/watch", json=ask).status_code == 400
    gateway.wait(1, "/g")
    sandbox.act("/clock", advance_seconds=8 * 86_400)
    sandbox.app.town.google.tokens._issue("again")
    google.post(events, json=body(), headers={"Authorization": "Bearer again"})
    assert sandbox.state()["google_calendar"]["channels"] == []


@pytest.mark.parametrize(
    "broken",
    [
        {"start": None},
        {"start": {"dateTime": "soon"}},
        {"start": {"dateTime": "2030-05-06T09:00:00"}},
        {"start": {"dateTime": "2030-05-07T09:00:00Z"}},
        {"status": "lost"},
    ],
)
def test_a_bad_event_is_a_400_in_googles_words(
    google: httpx.Client, events: str, broken: Json
) -> None:
    answer = google.post(events, json=body(**broken))
    assert reason(answer)[0] == 400


def test_an_unknown_calendar_or_event_is_404(google: httpx.Client, events: str) -> None:
    assert reason(google.get("/calendars/nobody@example.com/events")) == (404, "notFound")
    assert reason(google.get(f"{events}/nothing")) == (404, "notFound")
