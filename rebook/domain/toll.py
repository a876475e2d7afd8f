"""Numbers that cost: texts go to the business's own countries and never to premium or shared-cost lines.

Fraudsters fill calendars with numbers that pay them for each text they get.
"""

import phonenumbers
from phonenumbers import PhoneNumberType

COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
    }
)
ABROAD = "texts do not go to this country"
PREMIUM = "a premium number"
NO_NUMBER = "not a phone number"


def refusal(number: str, countries: str, own: str) -> str:
    """Why no text goes to `number`; empty where one may. No `countries` means that of our `own` number."""
    parsed = _parsed(number)
    if parsed is None:
        return NO_NUMBER
    if phonenumbers.number_type(parsed) in COSTLY:
        return PREMIUM
    named = frozenset(part.strip().upper() for part in countries.split(",") if part.strip())
    if named:
        return "" if _region(parsed, named) in named else ABROAD
    ours = _parsed(own)
    if ours is None:
        return ""
    home = phonenumbers.region_code_for_number(ours)
    return "" if _is_home(parsed, ours.country_code or 0, home) else ABROAD


def block(number: str) -> str:
    """The range of ten thousand numbers that this one lies in."""
    return number[:-4]


def _region(parsed: phonenumbers.PhoneNumber, named: frozenset[str]) -> str:
    """Numbers set aside for examples belong to no region: their country code speaks for them."""
    region = phonenumbers.region_code_for_number(parsed)
    sharing = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return region or next((one for one in sharing if one in named), "")


def _is_home(parsed: phonenumbers.PhoneNumber, code: int, home: str | None) -> bool:
    region = phonenumbers.region_code_for_number(parsed)
    if home is None or region is None:
        return bool(parsed.country_code == code)
    return bool(region == home)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
