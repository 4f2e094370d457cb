"""Sees to it that an interrupt is never lost. It never decides how a command ends."""

import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_SECONDS = 0.05


def keep_interrupts() -> None:
    """From now on an interrupt that nobody could catch comes once more, a moment later.

    Python drops an exception inside a finaliser or a weak reference's callback (the import system
    has one), with a message; an interrupt that happens to come there would be no interrupt. Raised
    again at once it would be lost again.
    """
    before = sys.unraisablehook

    def hook(lost: "UnraisableHookArgs") -> None:
        if lost.exc_type is KeyboardInterrupt:
            threading.Timer(AGAIN_SECONDS, _interrupt_main).start()
        else:
            before(lost)

    sys.unraisablehook = hook


def _interrupt_main() -> None:
    main = threading.main_thread()
    if main.is_alive() and main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGINT)
