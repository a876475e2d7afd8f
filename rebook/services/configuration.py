"""What operators configured: the current policy, topology and templates, each version kept."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from rebook.db.session import forget, once
from rebook.db.tables import SettingVersion
from rebook.domain import clock
from rebook.domain.policy import Policy, Templates, Topology
from rebook.services import audit

KNOWN = "current settings"


class NotConfigured(RuntimeError):
    """There is no such setting yet. The text says what to do."""


def store(session: Session, kind: str, value: Policy | Topology | Templates) -> bool:
    """Make `value` current. True when it differs from what was."""
    body: dict[str, Any] = json.loads(json.dumps(asdict(value)))
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    current = _current(session, kind)
    if current is not None and current.digest == digest:
        return False
    known = session.exec(
        select(SettingVersion).where(SettingVersion.kind == kind, SettingVersion.digest == digest)
    ).first()
    version = known or SettingVersion(
        kind=kind, digest=digest, body=body, current_since=clock.now()
    )
    version.current_since = clock.now()
    session.add(version)
    forget(session, KNOWN)
    audit.record(session, "setting_changed", kind=kind, digest=digest[:12])
    return True


def _current(session: Session, kind: str) -> SettingVersion | None:
    """Asked for again and again within one transaction, and answered once."""
    return once(session, KNOWN, kind, lambda: _latest(session, kind))


LATEST = (
    select(SettingVersion)
    .where(SettingVersion.kind == bindparam("kind"))
    .order_by(col(SettingVersion.current_since).desc(), col(SettingVersion.id).desc())
    .limit(1)
)


def _latest(session: Session, kind: str) -> SettingVersion | None:
    return session.exec(LATEST, params={"kind": kind}).first()


def policy_version(session: Session) -> SettingVersion:
    """The current policy's version. Raises `NotConfigured`."""
    current = _current(session, "policy")
    if current is None:
        raise NotConfigured(
            "no policy is stored yet: save a ReschedulePolicy block, or `rebook up`"
        )
    return current


def topology(session: Session) -> Topology:
    """Who is record, mirror, channel and staff. Raises `NotConfigured`."""
    current = _current(session, "topology")
    if current is None:
        raise NotConfigured("no topology is stored yet: save a Topology block, or `rebook up`")
    lists = {name: tuple(value) for name, value in current.body.items() if type(value) is list}
    return Topology(**{**current.body, **lists})


def shows_offers(session: Session) -> tuple[str, ...]:
    """The connections whose calendars show the times on offer."""
    current = _current(session, "topology")
    return tuple(current.body.get("shows_offers", ())) if current else ()


def default_language(session: Session) -> str:
    """What clients are written to in of whom nothing else is known."""
    current = _current(session, "topology")
    return str(current.body.get("default_language", "en")) if current else "en"


def templates(session: Session) -> Templates:
    """Texts an operator changed; those not named keep their default."""
    current = _current(session, "templates")
    return Templates(**current.body) if current else Templates()
