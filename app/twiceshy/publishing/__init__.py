"""What is published of a verdict: check, annotations, comments. Knows no forge, sends nothing."""
