"""What connecting Twilio takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(
        (
            "account_sid",
            "auth_token",
        ),
        (
            "account_sid",
            "auth_token",
            "api_key",
            "api_secret",
        ),
    ),
    known=(
        "from",
        "messaging_service",
        "office",
    ),
    secret=Secret.CREDENTIAL,
    signs_with="auth_token",
    steps=(
        "On the number set incoming calls to {hook}/voice (POST)",
        "On the number or Messaging Service at Twilio set incoming messages to {hook}/sms (POST)",
    ),
)
