"""JSON API, version 1."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the endpoints."""
