"""Questions that a worker answers while the asker waits: sealed on the way in and on the way out."""

import base64
import secrets

from connectors.contract import Answer, WebhookRequest
from gateway import arrivals
from gateway.database import Question
from rebook.domain import clock
from rebook.domain.pageview import open_view, token_hash


def question(public_key: str, connection: str, request: WebhookRequest) -> Question:
    secret = secrets.token_urlsafe(32)
    return Question(
        connection=connection,
        kind=request.kind,
        secret=secret,
        secret_hash=token_hash(secret),
        sealed=arrivals.sealed(public_key, request, secret=secret),
        asked_at=clock.now(),
    )


def answer(asked: Question, sealed: bytes) -> Answer:
    opened = open_view(asked.secret, sealed)
    return Answer(base64.b64decode(opened["body"]), str(opened["type"]))
