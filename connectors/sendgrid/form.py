"""What connecting SendGrid takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(("api_key",),),
    needed=("from",),
    known=(
        "activity_api",
        "from_name",
        "inbound_domain",
    ),
    secret=Secret.THEIRS,
    secrets=("events", "inbound"),
    steps=(
        "At SendGrid set the event webhook to {hook}/events, signed",
        "At SendGrid set Inbound Parse to {hook}/inbound?key=<the word of the inbound secret, without key:>",
    ),
)
