"""What a connection's webhooks are verified with: entered by an operator, or made up by its platform."""

import json
from collections.abc import Sequence
from secrets import token_urlsafe

from sqlmodel import Session

from rebook.db.tables import Connection
from rebook.keyring import keyring
from rebook.services import audit

MOST_LEARNED = 2
"""The newest and the one before it, which what is still on its way was signed with."""


def entered(row: Connection) -> list[str]:
    """Those of the operator's block."""
    kept = _kept(row)
    return kept.get("entered", kept.get("secrets", []))


def learned(row: Connection) -> list[str]:
    """Those that nobody entered, newest first."""
    return _kept(row).get("learned", [])


def ours(row: Connection) -> str:
    """The one we hand to a platform that lets us choose; empty where there is none."""
    return next(iter([*entered(row), *learned(row)]), "")


def enter(row: Connection, secrets: Sequence[str]) -> None:
    """The operator's, as they stand in the block; what was learned stays."""
    _keep(row, list(secrets), learned(row))


def learn(session: Session, row: Connection, secret: str) -> None:
    """Believe what is signed with this from now on, too."""
    known = learned(row)
    if not secret or secret in known[:1] or secret in entered(row):
        return
    others = [one for one in known if one != secret]
    _keep(row, entered(row), [secret, *others][:MOST_LEARNED])
    session.add(row)
    audit.record(session, "door_secret_learned", connection=row.id)


def make_up(session: Session, row: Connection) -> str:
    """A secret of ours, where nobody entered one."""
    made = token_urlsafe(32)
    learn(session, row, made)
    return made


def _keep(row: Connection, by_operator: list[str], by_platform: list[str]) -> None:
    kept = {
        "secrets": list(dict.fromkeys([*by_operator, *by_platform])),
        "entered": by_operator,
        "learned": by_platform,
    }
    row.door_secrets = keyring().door_encrypt(json.dumps(kept))


def _kept(row: Connection) -> dict[str, list[str]]:
    if not row.door_secrets:
        return {}
    found: dict[str, list[str]] = json.loads(keyring().door_decrypt(row.door_secrets))
    return found
