"""Block Kit, as far as the limits a sender can trip over."""

from sandbox.slack.errors import refusal
from sandbox.wire import Json

MOST_BLOCKS, MOST_ELEMENTS, LONGEST_LABEL, LONGEST_VALUE, LONGEST_SECTION = 50, 25, 75, 2000, 3000
LONGEST_ACTION = 255
MOST_OPTIONS, LONGEST_OPTION, LONGEST_PLACEHOLDER = 100, 150, 150


def check_blocks(blocks: object) -> list[Json]:
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        raise refusal("invalid_blocks")
    for block in blocks:
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            raise refusal("invalid_blocks")
        if block["type"] == "section":
            _check_section(block)
        if block["type"] == "actions":
            _check_actions(block)
    return blocks


def _check_section(block: Json) -> None:
    text = block.get("text")
    if text is None and block.get("fields"):
        return
    if not isinstance(text, dict) or not 0 < len(str(text.get("text", ""))) <= LONGEST_SECTION:
        raise refusal("invalid_blocks")


def _check_actions(block: Json) -> None:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= MOST_ELEMENTS:
        raise refusal("invalid_blocks")
    actions = [element.get("action_id") for element in elements if isinstance(element, dict)]
    if len(actions) != len(elements) or len(set(actions)) != len(actions):
        raise refusal("invalid_blocks")
    for element in elements:
        label = (element.get("text") or {}).get("text", "")
        fits = len(str(element.get("value", ""))) <= LONGEST_VALUE
        named = len(str(element.get("action_id") or "")) <= LONGEST_ACTION
        if element.get("type") == "button" and not (
            0 < len(label) <= LONGEST_LABEL and fits and named
        ):
            raise refusal("invalid_blocks")
        if element.get("type") == "static_select" and not (named and _is_menu(element)):
            raise refusal("invalid_blocks")


def _is_menu(element: Json) -> bool:
    options = element.get("options")
    asked = (element.get("placeholder") or {}).get("text", "")
    if not isinstance(options, list) or not 0 < len(options) <= MOST_OPTIONS:
        return False
    return 0 < len(asked) <= LONGEST_PLACEHOLDER and all(
        0 < len((option.get("text") or {}).get("text", "")) <= LONGEST_LABEL
        and 0 < len(str(option.get("value", ""))) <= LONGEST_OPTION
        for option in options
    )


def check_metadata(metadata: object) -> Json:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise refusal("invalid_metadata_format")
    name = str(metadata.get("event_type", ""))
    if not name.replace("_", "").isalnum():
        raise refusal("invalid_metadata_format")
    return metadata


def button(message: Json, action_id: str) -> tuple[Json, Json] | None:
    """The button with this action and the block it stands in."""
    for block in message.get("blocks") or []:
        for element in block.get("elements") or []:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return element, block
    return None
