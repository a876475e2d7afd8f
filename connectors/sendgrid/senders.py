"""What a mail's own marks say of its sender: a machine, or somebody who is not who they say they are."""

import re
from email.message import Message
from email.utils import parseaddr

_MACHINES = frozenset({"mailer-daemon", "postmaster"})
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_SUBJECT = re.compile(
    r"\s*(?:automatic reply|auto(?:-| )?(?:reply|response|matic response)|auto:|out of (?:the )?office"
    r"|respuesta autom[aá]tica|fuera de (?:la )?oficina|undeliver(?:able|ed)"
    r"|delivery status notification|delivery (?:has )?fail|mail delivery (?:failed|subsystem)"
    r"|returned mail|failure notice)",
    re.IGNORECASE,
)
_DKIM = re.compile(r"@([\w.-]+)\s*:\s*(\w+)")
FAILED = frozenset({"fail", "softfail"})


def is_automatic(headers: Message, sender: str, subject: str) -> bool:
    """RFC 3834 and the older habits: an absence note is no answer, nor is a bounce (RFC 3464)."""
    said = str(headers.get("Auto-Submitted", "no")).partition(";")[0].partition("(")[0]
    precedence = str(headers.get("Precedence", "")).strip().lower()
    kind = str(headers.get("Content-Type", "")).strip().lower()
    return (
        not sender
        or said.strip().lower() not in ("", "no")
        or any(name in headers for name in ("X-Autoreply", "X-Autorespond"))
        or precedence in _PRECEDENCE
        or kind.startswith("multipart/report")
        or sender.partition("@")[0].lower() in _MACHINES
        or bool(_SUBJECT.match(subject))
    )


def is_doubtful(headers: Message, sender: str, *, spf: str, dkim: str) -> bool:
    """Nothing vouches for the sender who is shown, and something speaks against them.

    SPF vouches for the envelope's domain, DKIM for the domains that signed; one that is the sender's
    own is enough. Without any verdict nothing is doubted: SendGrid then checked nothing.
    """
    shown = _domain(parseaddr(str(headers.get("From", "")))[1]) or _domain(sender)
    spf_says = spf.strip().lower()
    signed = [(domain.lower(), word.lower()) for domain, word in _DKIM.findall(dkim)]
    if any(word == "pass" and _same_house(domain, shown) for domain, word in signed):
        return False
    if spf_says == "pass":
        return not _same_house(_domain(sender), shown)
    return spf_says in FAILED or any(word != "pass" for _, word in signed)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def _same_house(one: str, other: str) -> bool:
    """The same domain, or one below the other: mail.example.com signs for example.com."""
    return bool(one and other) and (
        one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
    )
