"""Whether a lesson's guards would have caught it: trials, and the proofs made of them."""
