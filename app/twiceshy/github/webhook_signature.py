"""Whether a webhook's bytes come from GitHub. Pure; fails closed.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hmac
import re
from hashlib import sha256

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


def looks_signed(signature: str | None) -> bool:
    """Whether a header could be a signature at all; what is not is refused before its body is
    read.
    """
    return signature is not None and _SIGNATURE.fullmatch(signature) is not None


def signed_by(secret: str, body: bytes | bytearray, signature: str | None) -> bool:
    """Whether ``X-Hub-Signature-256`` is this body's under this secret; never without a secret or a
    signature.
    """
    if not secret or not signature:
        return False
    # as it stood in the environment, whatever its encoding
    key = secret.encode("utf-8", "surrogateescape")
    expected = "sha256=" + hmac.new(key, body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
