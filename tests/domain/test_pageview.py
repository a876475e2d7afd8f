"""A page's view opens with its own token and with nothing else."""

import pytest
from cryptography.fernet import InvalidToken

from rebook.domain.pageview import open_view, seal_view, token_hash

VIEW = {"state": "choose", "first_name": "Zoë", "slots": [{"code": 1}]}


def test_the_token_opens_what_was_sealed_with_it() -> None:
    assert open_view("a" * 32, seal_view("a" * 32, VIEW)) == VIEW


def test_neither_another_token_nor_the_stored_hash_opens_it() -> None:
    sealed = seal_view("a" * 32, VIEW)
    for wrong in ("b" * 32, "a" * 31, "", token_hash("a" * 32)):
        with pytest.raises(InvalidToken):
            open_view(wrong, sealed)


def test_a_sealed_view_shows_nothing_and_no_two_are_alike() -> None:
    first, second = seal_view("a" * 32, VIEW), seal_view("a" * 32, VIEW)
    assert first != second
    assert "Zoë".encode() not in first


def test_the_hash_is_what_any_sha256_says() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
