"""Which twiceshy this is; part of what a compiled index depends on."""

VERSION = "0.1.0"
