"""The town's invented people and their one appointment each; nobody here exists."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST = [
    "Ana", "Bruno", "Chiara", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas",
    "Keala", "Lena", "Milo", "Noor", "Oskar", "Pia", "Quinn", "Rosa", "Sami", "Tilda",
]  # fmt: skip
LAST = [
    "Kealoha", "Moreno", "Lindqvist", "Okafor", "Tanaka", "Fischer", "Haddad", "Novak",
    "Silva", "Brandt", "Kahale", "Petrov", "Rossi", "Sato", "Weber", "Young", "Zielinski",
]  # fmt: skip
PRACTITIONERS = ["Maren Holt", "Tomas Reyes", "Yuki Arai", "Zoe Clarke", "Ravi Menon"]
AREA_CODES = [808, 206, 303, 404, 505, 606, 702, 804, 901, 907, 212, 312, 415, 512, 617]
OPENS, CLOSES = time(9), time(17)
CLOSED_WEEKDAY = 6
PER_CALENDAR = 12


@dataclass(frozen=True)
class Client:
    first: str
    last: str
    phone: str
    email: str


@dataclass(frozen=True)
class Visit:
    """A client's appointment: which practitioner and service by position, and when it starts."""

    client: Client
    calendar: int
    service: int
    start: datetime


def clients(count: int) -> list[Client]:
    return [_client(number) for number in range(count)]


def _client(number: int) -> Client:
    first = FIRST[number % len(FIRST)]
    last = LAST[(number * 5 + number // len(FIRST)) % len(LAST)]
    area, line = divmod(number, 98)
    phone = f"+1{AREA_CODES[area % len(AREA_CODES)]}55501{line + 1:02d}"
    return Client(first, last, phone, f"{first}.{last}.{number + 1}@example.com".lower())


def practitioners(client_count: int) -> list[str]:
    """Two, and more as the town grows, so that free slots are never scarce."""
    wanted = max(2, -(-client_count // PER_CALENDAR))
    rounds = itertools.count(1)
    names = (f"{n} {r}" if r > 1 else n for r in rounds for n in PRACTITIONERS)
    return list(itertools.islice(names, wanted))


def visits(count: int, now: datetime, zone: ZoneInfo) -> list[Visit]:
    """One each over the ten days after today, half-hours left free between them."""
    days = open_days(now.astimezone(zone).date(), 10)
    calendars = len(practitioners(count))
    return [
        Visit(client, number % calendars, number % 3, _start(number // calendars, days, zone))
        for number, client in enumerate(clients(count))
    ]


def open_days(today: date, count: int) -> list[date]:
    following = (today + timedelta(days=number + 1) for number in range(count))
    return [day for day in following if day.weekday() != CLOSED_WEEKDAY]


def _start(number: int, days: list[date], zone: ZoneInfo) -> datetime:
    turn, index = divmod(number, len(days))
    minutes = ((turn + index * 2) % 5) * 90
    return datetime.combine(days[index], OPENS, zone) + timedelta(minutes=minutes)
