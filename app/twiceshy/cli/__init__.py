"""The command line: each command a few lines over the layers below. Never judges."""

from twiceshy.cli.main import main

__all__ = ["main"]
