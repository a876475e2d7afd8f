"""What connecting ActiveCampaign takes."""

from connectors.forms import Form

FORM = Form(
    ways=(("api_token",),),
    needed=(
        "pipeline",
        "starts_field",
    ),
    known=(
        "automation",
        "booked_values",
        "cancelled_values",
        "currency",
        "date_format",
        "days_back",
        "ends_field",
        "fulfilled_values",
        "link_fields",
        "list",
        "minutes",
        "noshow_values",
        "owner",
        "region",
        "service_field",
        "service_id_field",
        "zone",
    ),
    base_url="https://<account>.api-us1.com/api/3",
)
