"""``python -m twiceshy`` is ``twiceshy``."""

import sys

try:
    from twiceshy.cli import main

    main()
except KeyboardInterrupt:  # before ``main`` could say it
    sys.exit(130)
