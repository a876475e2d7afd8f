"""Texts to clients that differ from ours."""

from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import Field

from rebook.domain.languages import english
from rebook.domain.policy import Templates as Value
from rebook.domain.texts import DEFAULTS


class Templates(Block):
    """Only the texts named here are changed; the handbook lists all names and fields."""

    _block_type_name: ClassVar[str | None] = "Rebook Templates"
    _block_type_slug: ClassVar[str | None] = "rebook-templates"
    _description: ClassVar[str | None] = "What clients are told, by purpose."

    texts: dict[str, str] = Field(
        default_factory=dict,
        description="Name of the text to its words, for example `offer_sms`. Names: "
        + ", ".join(f"`{name}`" for name in sorted(english.TEXTS))
        + ". The Spanish text has the same name after `es.`: `es.offer_sms`.",
    )

    def value(self) -> Value:
        return Value(texts={name: text for name, text in self.texts.items() if name in DEFAULTS})
