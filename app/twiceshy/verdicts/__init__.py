"""From claims to a verdict, and from a verdict to what people and machines read."""
