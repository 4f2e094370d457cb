"""Whether a webhook's bytes come from GitHub. Pure; fails closed.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hmac
from hashlib import sha256


def signed_by(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether ``X-Hub-Signature-256`` is this body's under this secret; never without a secret or a signature."""
    if not secret or not signature:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
