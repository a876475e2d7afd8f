"""The one maker of ids: short, random, safe in URLs, in Prefect keys and in a vendor's fields."""

import secrets

_ALPHABET = "0123456789abcdefghijkmnpqrstuvwxyz"


def new_id(kind: str) -> str:
    """`case-4k2m9x0c7bq1`: the kind, a dash and 60 random bits without look-alike letters."""
    return f"{kind}-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
