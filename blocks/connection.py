"""An account on a platform. Secrets are encrypted by Prefect and read once, into the ledger."""

from typing import Any, ClassVar

from prefect.blocks.core import Block
from prefect.types import SecretDict
from pydantic import Field

from rebook.services.connections import Account


class Connection(Block):
    """Saved credentials for one account on one platform. The block's name is the connection's name."""

    _block_type_name: ClassVar[str | None] = "Rebook Connection"
    _block_type_slug: ClassVar[str | None] = "rebook-connection"
    _description: ClassVar[str | None] = "An account on one of the platforms Rebook works with."

    platform: str = Field(
        description="The platform's short name, as in the README table: `acuity`, `twilio`, ..."
    )
    base_url: str = Field(
        default="",
        title="Base URL",
        description="Leave empty for the real platform; the sandbox names its own.",
    )
    settings: dict[str, str] = Field(
        default_factory=dict,
        description="Plain options of this platform, such as a sender number. See its handbook page.",
    )
    credentials: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        description="Keys, tokens and passwords as a JSON object. Encrypted; never shown again.",
    )
    webhook_secrets: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        title="Webhook secrets",
        description='What this platform signs its webhooks with: {"current": "...", "previous": "..."}.'
        " During a rotation both hold.",
    )
    tokens: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        description="OAuth tokens to start with. Later ones live only in the ledger.",
    )

    def account(self, name: str) -> Account:
        return Account(
            name, self.platform, self.base_url, dict(self.settings), _plain(self.credentials)
        )

    def door_secrets(self) -> list[str]:
        return [secret for secret in _plain(self.webhook_secrets).values() if secret]

    def first_tokens(self) -> dict[str, str]:
        return _plain(self.tokens)


def _plain(secret: Any) -> dict[str, str]:
    values: dict[str, str] = secret.get_secret_value()
    return {str(name): str(value) for name, value in values.items()}
