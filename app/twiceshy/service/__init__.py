"""The GitHub App: webhooks come in, reviews and checks go out, nothing is lost."""
