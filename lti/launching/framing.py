"""Who may frame PeerQA for an organization: the origins that its platforms' signed claims named.

Content-Security-Policy, frame-ancestors. A Canvas customer's domain differs from its issuer, so the
registration alone does not know them. Asked for by every reply, so they are kept for a minute. A
page that goes into a frame asks anew: the first launch may have been another process's, and its
frame must not stay empty.
"""

import time
from collections.abc import Sequence

import structlog
from flask import Flask, g, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from lti.models import Origin, Platform
from peerqa.database import db

KEPT_SECONDS = 60.0

log = structlog.get_logger()


class FramedBy:
    """organization id → origins, from the database at most once a minute."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, Sequence[str]]] = {}

    def __call__(self, organization_id: int) -> Sequence[str]:
        """Return the origins that may frame PeerQA for this organization."""
        until, origins = self._kept.get(organization_id, (0.0, ()))
        is_framed = request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}
        if is_framed and not g.get("origins_read"):
            g.origins_read = True
        elif time.monotonic() < until:
            return origins
        try:
            origins = _read(organization_id)
        except SQLAlchemyError as error:  # the reply says already what is amiss
            log.warning("origins.not-read", error=type(error).__name__)
            return origins
        self._kept[organization_id] = (time.monotonic() + KEPT_SECONDS, origins)
        return origins

    def forget(self, organization_id: int) -> None:
        """Read them anew at the next reply."""
        self._kept.pop(organization_id, None)


def install(app: Flask) -> None:
    """Tell the gate who may frame PeerQA."""
    app.extensions["peerqa.framed_by"] = FramedBy()
    app.extensions["peerqa.frame_script"] = "/lti/static/frame.js"


def _read(organization_id: int) -> Sequence[str]:
    return db.session.scalars(
        select(Origin.origin)
        .join(Platform, Platform.id == Origin.platform_id)
        .where(Origin.organization_id == organization_id, Platform.disabled_at.is_(None))
        .order_by(Origin.id)
    ).all()
