"""Semgrep as a binary: finding it, driving it, and knowing beforehand what cannot match. Never
imports it.

``semgrep-core`` is not a public interface, so all that is known of it stays in this package.
"""
