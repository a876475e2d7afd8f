"""The rehearsal town: platforms emulated as one local web app. It imports nothing else of ours."""
