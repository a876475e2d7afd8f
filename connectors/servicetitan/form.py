"""What connecting ServiceTitan takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(
        (
            "app_key",
            "client_id",
            "client_secret",
        ),
    ),
    needed=("tenant",),
    known=(
        "cancel_reason",
        "client_reasons",
        "company_reasons",
        "days_back",
        "hold_means",
        "link_fields",
        "missed_after",
        "noshow_reasons",
        "region",
        "signature_header",
        "skills",
        "task_assigned_to",
        "task_business_unit",
        "task_priority",
        "task_reported_by",
        "task_source",
        "task_type",
        "token_url",
        "zone",
    ),
    secret=Secret.THEIRS,
    steps=("Where your app has webhooks, set their address to {hook}; without them Rebook polls",),
)
