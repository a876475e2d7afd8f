"""The README's table of platforms, made from the connectors: `python -m runtime.platform_table`."""

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector, SignatureCovers
from runtime.markers import table, write

FILE, NAME = "README.md", "platforms"

WORDS: dict[tuple[Capability, ...], str] = {
    (Capability.WEBHOOK,): "tells us at once",
    (Capability.POLL,): "is asked regularly",
    (Capability.AVAILABILITY,): "knows free times",
    (Capability.BUSY,): "knows busy times",
    (Capability.BOOK, Capability.MOVE, Capability.CANCEL): "books, moves, cancels",
    (Capability.MARK_NOSHOW,): "marks no-shows",
    (Capability.ANNOTATE,): "takes notes",
    (Capability.SUGGEST,): "shows offered times",
    (Capability.TASK,): "takes tasks for staff",
    (Capability.MESSAGE,): "sends messages",
    (Capability.UPDATE_MESSAGE,): "changes them later",
    (Capability.EVIDENCE,): "proves what was sent",
    (Capability.CAMPAIGN,): "runs campaigns",
    (Capability.WATCH,): "webhook set up by us",
}
"""`FETCH` needs no word of its own: what keeps appointments can be read."""

COVERED = {
    SignatureCovers.BODY: "body",
    SignatureCovers.URL: "address",
    SignatureCovers.TIME: "time",
}


def can(connector: type[Connector]) -> str:
    have = connector.capabilities()
    return ", ".join(words for needed, words in WORDS.items() if have.issuperset(needed))


def checked(connector: type[Connector]) -> str:
    """What its signature vouches for; a vendor that signs nothing is known by a shared secret."""
    if connector.signature_covers == {SignatureCovers.NOTHING}:
        return "shared secret; the content is read again"
    covered = [word for what, word in COVERED.items() if what in connector.signature_covers]
    return f"signature over {' and '.join(covered)}"


def render() -> str:
    rows = []
    for slug in sorted(REGISTRY):
        one = connector_class(slug)
        pages = f"[how to connect](docs/platforms/{slug}.md), [vendor]({one.docs})"
        rows.append([f"**{one.name}** (`{slug}`)", can(one), checked(one), pages])
    return table(["platform", "what it does here", "its webhooks are checked by", "pages"], rows)


if __name__ == "__main__":
    write(FILE, NAME, render())
