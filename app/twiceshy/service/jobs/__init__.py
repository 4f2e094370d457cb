"""The App's durable work: what a delivery sets in motion. Serves no request."""
