"""What connecting Slack takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(("bot_token",),),
    secret=Secret.THEIRS,
    steps=(
        "In the app's settings at Slack, under Interactivity, set the request URL to {hook}/interactivity",
    ),
)
