"""The script an admin pastes, run by Node with a sheet of ours in the place of Google's services."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors import connector_class, door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from rebook.domain.appointments import Change
from rebook.domain.messages import PollNow
from tests.connectors.samples import stored

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not here to run the script")

SCRIPT = Path(__file__).parents[3] / "connectors/google_sheets/admin/rebook.gs"
SECRET = "a-secret-of-our-own-making-ü"
SERVICES = """
const crypto = require('node:crypto');
const given = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const rows = given.rows, sent = [], kept = { ...given.kept };
const range = (row, column, height, width) => ({
  getSheet: () => sheet, getRow: () => row, getLastRow: () => row + height - 1,
  getValues: () => rows.slice(row - 1, row - 1 + height)
    .map((one) => Array.from({ length: width }, (_, at) => one[column - 1 + at] ?? '')),
  setValue: (value) => { rows[row - 1][column - 1] = value; },
});
const sheet = {
  getName: () => given.sheet ?? 'Appointments', getLastRow: () => rows.length,
  getLastColumn: () => Math.max(...rows.map((one) => one.length)),
  getRange: (row, column, height = 1, width = 1) => range(row, column, height, width),
};
const SpreadsheetApp = { getActive: () => ({ getSheetByName: () => sheet }), flush: () => {} };
const LockService = { getDocumentLock: () => ({ waitLock: () => {}, releaseLock: () => {} }) };
const PropertiesService = { getScriptProperties: () => ({
  getProperty: (name) => kept[name] ?? null, setProperty: (name, value) => { kept[name] = value; },
  deleteProperty: (name) => { delete kept[name]; },
}) };
const Utilities = {
  Charset: { UTF_8: 'utf8' }, getUuid: () => crypto.randomUUID(),
  computeHmacSha256Signature: (text, key, charset) =>
    [...crypto.createHmac('sha256', Buffer.from(key, charset)).update(text, charset).digest()]
      .map((byte) => (byte > 127 ? byte - 256 : byte)),
};
const UrlFetchApp = { fetch: (address, options) => {
  if (given.answer === 0) throw new Error('unreachable');
  sent.push({ address, ...options });
  return { getResponseCode: () => given.answer ?? 200 };
} };
"""
ROWS = [
    ["appointment_id", "client", "status"],
    ["a-1", "Ana", "Cancelled"],
    ["", "Bo", "booked"],
    ["a-1", "Copy", "booked"],
    ["", "", ""],
]


def run(call: str, **given: Any) -> dict[str, Any]:
    """What the script sent, and the sheet and its properties after it ran."""
    source = SERVICES + SCRIPT.read_text() + f"\n{call};\n"
    source += "console.log(JSON.stringify({ sent, rows, kept }));"
    kept = {"REBOOK_ADDRESS": "https://gw.example.com/hooks/sheet", "REBOOK_SECRET": SECRET}
    told = json.dumps({"rows": ROWS, "kept": kept, **given})
    done = subprocess.run(
        [str(NODE), "-e", source], input=told, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def edit(first: int, height: int = 1, **given: Any) -> dict[str, Any]:
    return run(f"rebookOnEdit({{ range: range({first}, 1, {height}, 3) }})", **given)


def translated(sent: dict[str, Any]) -> list[Any]:
    return door("google_sheets", {}).translate(stored(sent["payload"].encode()))


def test_what_the_script_signs_our_door_lets_in_and_nothing_else() -> None:
    sent = edit(2)["sent"][0]
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    body = sent["payload"].encode()
    request = WebhookRequest("POST", sent["address"], headers, body)
    connector = connector_class("google_sheets").at_the_door({})
    assert connector.verify(request, [SECRET.encode()]).dedupe_key == json.loads(body)["event"]
    with pytest.raises(BadSignature):
        connector.verify(WebhookRequest("POST", "", headers, body + b" "), [SECRET.encode()])


def test_an_edited_row_is_told_by_its_id_and_status_and_no_person_leaves_the_sheet() -> None:
    sent = edit(2)["sent"][0]
    assert json.loads(sent["payload"])["rows"] == [{"id": "a-1", "status": "Cancelled"}]
    assert "Ana" not in sent["payload"]
    assert [change.appointment_id for change in translated(sent)] == ["a-1"]


def test_rows_without_an_id_and_copies_get_one_of_their_own() -> None:
    rows = edit(2)["rows"]
    ids = [one[0] for one in rows[1:]]
    assert ids[0] == "a-1"
    assert ids[1].startswith("row-")
    assert ids[2].startswith("row-")
    assert (len(set(ids[:3])), ids[3]) == (3, "")


def test_a_pasted_block_is_told_row_by_row() -> None:
    changes = translated(edit(1, 4)["sent"][0])
    assert [type(change) for change in changes] == [Change] * 3


def test_a_block_too_long_to_tell_and_a_removed_row_mean_go_and_look() -> None:
    many = [ROWS[0], *[[f"a-{n}", "x", "booked"] for n in range(60)]]
    assert translated(edit(2, 60, rows=many)["sent"][0]) == [PollNow()]
    removed = run("rebookOnChange({ changeType: 'REMOVE_ROW' })")["sent"][0]
    assert translated(removed) == [PollNow()]


def test_another_tab_and_what_the_edit_told_already_are_not_told() -> None:
    assert edit(2, sheet="Notes")["sent"] == []
    assert run("rebookOnChange({ changeType: 'EDIT' })")["sent"] == []


@pytest.mark.parametrize("answer", [0, 503])
def test_what_was_not_answered_is_told_again_by_the_sweep(answer: int) -> None:
    kept = edit(2, answer=answer)["kept"]
    assert kept["REBOOK_PENDING"] == "1"
    swept = run("rebookSweep()", kept=kept)
    assert translated(swept["sent"][0]) == [PollNow()]
    assert "REBOOK_PENDING" not in swept["kept"]
    assert run("rebookSweep()", kept=swept["kept"])["sent"] == []
