"""The gateway's own few settings, from its environment. No key here opens the ledger."""

import base64
from functools import cached_property
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.visitors import Network, networks


class GatewaySettings(BaseSettings):
    """`hide_input_in_errors`: a complaint about one value must not quote the others."""

    model_config = SettingsConfigDict(
        env_prefix="REBOOK_", hide_input_in_errors=True, validate_default=True
    )

    gateway_database_url: SecretStr
    seal_public: str
    door_key: SecretStr
    public_url: str
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(0, ge=0, le=65535)
    gateway_deadline_seconds: float = Field(
        10, gt=0, description="For a request's headers, and again for its body"
    )

    gateway_address_header: str = Field("", pattern=r"^[A-Za-z0-9-]*$")
    gateway_proxies: str = "127.0.0.0/8, ::1"

    @field_validator("gateway_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        networks(value)
        return value

    @cached_property
    def proxies(self) -> tuple[Network, ...]:
        return networks(self.gateway_proxies)

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be the http(s) address by which vendors and clients reach us")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("must be an address and nothing more")
        return value.rstrip("/")

    @field_validator("seal_public")
    @classmethod
    def _is_a_public_key(cls, value: str) -> str:
        if len(base64.b64decode(value, validate=True)) != 32:
            raise ValueError("must be a base64 public key of 32 bytes")
        return value

    @field_validator("door_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        Fernet(value.get_secret_value())
        return value

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https:")

    @property
    def origin(self) -> str:
        """As a browser writes it in its `Origin` header."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc.lower()}"
