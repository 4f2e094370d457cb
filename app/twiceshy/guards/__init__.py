"""Five ways to hold a change against the registry. A guard claims; whether the claim is said is
policy's business.
"""
