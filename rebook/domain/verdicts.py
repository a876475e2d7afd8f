"""What one observation of an appointment came to."""

from enum import StrEnum


class Verdict(StrEnum):
    NEW = "new"
    SAME = "same"
    ECHO = "echo"
    UPDATED = "updated"
    OPENED = "opened"
    AMENDED = "amended"
    RESTORED = "restored"
