"""Pages and HTMX fragments."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the pages."""
