"""Text with clickable links; whatever a message holds, it is escaped first."""

import html
import re

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"']+")
# Slack's own markup: <url|label> and *bold*. https://docs.slack.dev/messaging/formatting-message-text
MARKUP = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>|\*([^*\n]+)\*")


def anchor(url: str, label: str = "") -> Markup:
    return Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(url, label or url)


def linked(text: str) -> Markup:
    """A full stop or bracket after a link is not part of it."""
    shown, at = Markup(), 0
    for match in LINK.finditer(text):
        url = match[0].rstrip(".,;:!?)")
        shown += escape(text[at : match.start()]) + anchor(url)
        at = match.start() + len(url)
    return shown + escape(text[at:])


def mrkdwn(text: str) -> Markup:
    shown, at = Markup(), 0
    for match in MARKUP.finditer(text):
        shown += linked(html.unescape(text[at : match.start()]))
        url, label, bold = match.groups()
        shown += (
            anchor(url, html.unescape(label or ""))
            if url
            else Markup("<b>{}</b>").format(html.unescape(bold))
        )
        at = match.end()
    return shown + linked(html.unescape(text[at:]))
