"""Remembers values for a few seconds: what was just asked for is not asked for again."""

import threading
import time
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class FreshValues(Generic[Key, Value]):
    """Values by key, each with an end; shared by the threads of a process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, tuple[float, Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value, while it is fresh."""
        with self._lock:
            until, value = self._values.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, key: Key, value: Value, seconds: float) -> None:
        """Remember a value for so long; at most so many are remembered."""
        with self._lock:
            if len(self._values) >= self._most:
                self._values.clear()
            self._values[key] = (time.monotonic() + seconds, value)

    def clear(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._values.clear()
