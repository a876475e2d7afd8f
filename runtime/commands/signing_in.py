"""Signing in at a platform from a terminal: the browser may be on any machine, so addresses are pasted."""

from typing import TYPE_CHECKING

import typer

from connectors.errors import ConnectorError
from connectors.forms import SignIn
from connectors.signing_in import (
    Account,
    CannotBegin,
    Declined,
    Returned,
    Walk,
    WrongReturn,
    redirect_for,
)
from rebook.settings import settings
from runtime.commands.house import err

if TYPE_CHECKING:
    from runtime.connecting import Entered

TRIES = 3


def sign_in(vendor: str, how: SignIn, entered: "Entered") -> None:
    """Adds the tokens, and what the platform told beside them. Raises `CannotConnect`."""
    from runtime.connecting import CannotConnect

    account = Account(entered.base_url, entered.settings, entered.credentials)
    try:
        walk = Walk(how, account, redirect_for(how, entered.settings, settings().public_url))
        _show(vendor, walk)
        given = walk.exchange(_returned(walk))
    except (CannotBegin, WrongReturn, Declined) as error:
        raise CannotConnect(str(error)) from None
    except ConnectorError as error:
        raise CannotConnect(f"signing in failed: {error}") from None
    entered.base_url = given.base_url
    entered.settings = dict(given.settings)
    entered.tokens = dict(given.tokens)
    entered.credentials["refresh_token"] = given.tokens["refresh_token"]


def _show(vendor: str, walk: Walk) -> None:
    err.print(
        f"The application at {vendor} must name this redirect address:", walk.redirect_url,
        "\nOpen this in a browser, on any machine, and sign in with the account Rebook shall use:",
        f"\n\n{walk.address()}\n", markup=False, soft_wrap=True,
    )  # fmt: skip
    after = "shows a page of Rebook's" if walk.redirect_url.startswith("https:") else "may fail"
    err.print(
        f"{vendor} then sends the browser to {walk.redirect_url}, which {after}."
        " Copy the whole address from the browser's address bar: it is good for a few minutes, once.",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _returned(walk: Walk) -> Returned:
    """A wrong paste costs nothing: the sign-in is still good."""
    for left in reversed(range(TRIES)):
        pasted = typer.prompt("that address (not shown)", hide_input=True, err=True)
        try:
            return walk.read(pasted)
        except WrongReturn as error:
            if not left:
                raise
            err.print(f"{error}: try again", style="red", markup=False, soft_wrap=True)
    raise AssertionError("the last try returns or raises")
