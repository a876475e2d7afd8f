"""The studio's invented staff on Slack."""

from sandbox.credentials import SLACK_TEAM
from sandbox.wire import Json

MEMBERS = {
    "U0SANDBOX1": ("imani", "Imani Front-Desk", "imani@sandbox.example.com"),
    "U0SANDBOX2": ("leo", "Leo Manager", "leo@sandbox.example.com"),
}


def member(user_id: str, zone: str) -> Json:
    name, real_name, email = MEMBERS[user_id]
    return {
        "id": user_id,
        "team_id": SLACK_TEAM,
        "name": name,
        "real_name": real_name,
        "deleted": False,
        "is_bot": False,
        "tz": zone,
        "updated": 1_700_000_000,
        "profile": {
            "real_name": real_name,
            "display_name": name,
            "email": email,
            "team": SLACK_TEAM,
        },
    }
