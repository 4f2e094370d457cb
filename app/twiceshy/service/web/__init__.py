"""What the service answers over HTTP: webhooks, API, pages, setting up. Judges nothing."""
