"""The log: one line an event on stderr, with the request that caused it."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from dog.config import Settings
from dog.log_format import TRACEBACK, as_json, as_text

Render = Callable[[MutableMapping[str, Any]], str]

log_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=MappingProxyType({}))
"""Fields of every line that a request causes: its id, tenant and key."""


class Log:
    """Writes lines: their event and fields, the fields of the request, level and time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.configure(logging.INFO, as_text)

    def configure(self, min_level: int, render: Render) -> None:
        """Write lines of a level and above, each as `render` returns it."""
        self._min_level, self._render = min_level, render

    def info(self, event: str, **fields: Any) -> None:
        """Write what happened."""
        self._write(logging.INFO, "info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write what somebody should look at."""
        self._write(logging.WARNING, "warning", event, fields)

    def error(self, event: str, *, error: BaseException | None = None, **fields: Any) -> None:
        """Write what failed, with the traceback of the error."""
        if error is not None:
            fields[TRACEBACK] = "".join(traceback.format_exception(error))
        self._write(logging.ERROR, "error", event, fields)

    def exception(self, event: str, **fields: Any) -> None:
        """Write what failed, with the traceback of the exception that is being handled."""
        self.error(event, error=sys.exception(), **fields)

    def _write(self, level: int, name: str, event: str, fields: dict[str, Any]) -> None:
        if level < self._min_level:
            return
        line = {"timestamp": _timestamp(), "level": name, "event": event, **log_context.get(), **fields}
        text = f"{self._render(line)}\n"
        with self._lock:
            sys.stderr.write(text)  # Python flushes stderr after each line


def _timestamp() -> str:
    now = time.time()
    second = int(now)
    return f"{_second(second)}.{int((now - second) * 1e6):06}Z"


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


log = Log()
"""The process's log; `configure_log` sets it up."""


def configure_log(settings: Settings) -> None:
    """Write the log as JSON or as text for people, from the level that the settings name."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    log.configure(level, as_json if settings.log_format == "json" else as_text)
