"""Instants of the years to come, for properties. To the second: no vendor is finer."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 6 * 365 * 86400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
