"""What connecting Freshdesk takes."""

from connectors.forms import Form

FORM = Form(
    ways=(("api_key",),),
    needed=("domain",),
    known=(
        "booked_values",
        "cancelled_values",
        "days_back",
        "fulfilled_values",
        "link_fields",
        "minutes",
        "noshow_values",
        "notes",
        "outcome_status",
        "ref_field",
        "region",
        "service_field",
        "staff_email",
        "status_field",
        "time_field",
        "zone",
    ),
    steps=(
        "In Freshdesk make the automation rule of the handbook, to {hook}, with the word {secret}",
    ),
)
