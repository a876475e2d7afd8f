"""The paragraph on `rebook connect` of each platform's page, made from what connecting it takes."""

import re
from collections.abc import Sequence

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector
from connectors.forms import Form, Secret, SignIn, Way, form_of
from connectors.signing_in import NEARBY, PAGE

NAME = "connecting"
TOPOLOGY = "Name the connection in the block **Rebook Topology**."
WORD = "<the word>"
ADDRESS = re.compile(r"\{hook\}(?:[^\s,;<]|<[^>]*>)*")

COMMAND = """```console
$ .venv/bin/rebook connect {slug}
```"""


def file_of(slug: str) -> str:
    return f"docs/platforms/{slug}.md"


def pages() -> dict[tuple[str, str], str]:
    """File and mark, with the platform."""
    return {(file_of(slug), NAME): slug for slug in sorted(REGISTRY)}


def render(slug: str) -> str:
    one, form = connector_class(slug), form_of(slug)
    name = slug.replace("_", "-")
    lines = [COMMAND.format(slug=slug), "", f"{_asks(form, one.name)} {_does(one, form, name)}"]
    if form.sign_in:
        lines += ["", _signs_in(form.sign_in, one.name)]
    steps = [*(_step(one, name) for one in form.steps), TOPOLOGY]
    lines += [
        "",
        "Left to you, and printed at its end with your own address and word filled in:",
        "",
    ]
    lines += [f"- {step}" for step in steps]
    lines += [
        "",
        "What to prepare at the vendor before, and how the same is done by hand in the Prefect UI:",
    ]
    return "\n".join(lines)


def _asks(form: Form, vendor: str) -> str:
    ways = "; or ".join(_way(way, vendor) for way in form.choices)
    parts = [f"the credentials ({ways})" if len(form.choices) > 1 else ways]
    if form.base_url:
        parts.insert(0, f"the base URL (`{form.base_url}`)")
    if form.needed:
        parts.append(_counted("setting", form.needed))
    if form.secret is Secret.THEIRS:
        parts.append(_counted("webhook secret", form.secrets))
    if form.signs_for_apps:
        parts.append(
            f"an application's key to sign with ({_counted('webhook secret', form.secrets)})"
        )
    return f"It asks for {', for '.join(parts)}, as the tables below tell them."


def _way(way: Way, vendor: str) -> str:
    listed = _listed([f"`{name}`" for name in way.names])
    return f"{listed}, and you sign in at {vendor}" if way.signs_in else listed


def _signs_in(how: SignIn, vendor: str) -> str:
    """What to know before, and what the walk is like."""
    ours = f"https://<your address>{PAGE}"
    back = f"`{ours if how.https_only else NEARBY}`"
    told = (
        f"**Signing in** spares you the refresh token. First name {back} as a redirect address in"
    )
    told += f" the application at {vendor}"
    told += (
        ", which sends people back to https alone; the gateway has a page there."
        if how.https_only
        else f" (nothing needs to listen there; `--set redirect_url={ours}` takes the gateway's page)."
    )
    told += " The command prints an address to open in a browser on any machine, and asks for the"
    told += " address the browser is sent to in the end: paste it as a whole"
    told += ", or only its code." if how.pkce else "."
    told += f" {_scopes(how, vendor)}"
    if how.learns:
        told += f" {_listed([f'`{one.setting}`' for one in how.learns])} is read from that address."
    return told


def _scopes(how: SignIn, vendor: str) -> str:
    if not how.scopes:
        return f"The scopes are those of the application; `--set oauth_scopes=...` asks {vendor} for others."
    asked = _listed([f"`{one}`" for one in how.scopes])
    return f"It asks for {asked}; `--set oauth_scopes=...` for others."


def _does(one: type[Connector], form: Form, name: str) -> str:
    does = [f"saves the connection `{name}` (`--name` for another name, `--set` for more settings)"]
    if Capability.POLL in one.capabilities():
        does.append("begins to read it")
    if Capability.WATCH in one.capabilities():
        does.append(f"subscribes at `https://<your address>/hooks/{name}`")
    told = "It tries them with one harmless call, and what the platform refuses is not saved."
    told += f" Then it {_listed(does)}."
    if form.secret is Secret.OURS:
        told += " The word that webhooks are checked by it makes up itself"
        told += ", except for an application." if form.signs_for_apps else "."
    if form.secret is Secret.LEARNED:
        told += f" What {one.name} makes up to sign with it reads itself."
    return told


def _step(step: str, name: str) -> str:
    """Our address and what follows it up to the next blank is marked as one to copy."""
    marked = ADDRESS.sub(lambda found: f"`{found.group()}`", step)
    shown = marked.replace(" {secret}", " it prints")
    return f"{shown.format(hook=f'https://<your address>/hooks/{name}', secret=WORD)}."


def _counted(what: str, names: Sequence[str]) -> str:
    return f"the {what}{'s' if len(names) > 1 else ''} {_listed([f'`{name}`' for name in names])}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
