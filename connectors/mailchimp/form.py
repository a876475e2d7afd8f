"""What connecting Mailchimp takes."""

from connectors.forms import Form

FORM = Form(
    ways=(("api_key",),),
    needed=("list",),
    known=(
        "add_as",
        "campaign",
        "days_back",
        "from_name",
        "journey",
        "reply_to",
        "step",
        "stop_tag",
        "subject",
        "tag",
        "template",
    ),
)
