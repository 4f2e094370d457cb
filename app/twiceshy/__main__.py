"""``python -m twiceshy`` is ``twiceshy``."""

from twiceshy.cli import main

main()
