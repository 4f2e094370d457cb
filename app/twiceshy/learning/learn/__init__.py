"""From a fix or a post-mortem to a draft: evidence, questions, a proposed rule. Proves nothing."""
