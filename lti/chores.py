"""What the worker does for LMSs: about topics of the outbox, and from time to time."""

from collections.abc import Mapping, Sequence

from flask import Flask

from lti import keys, launch_log, login, roster
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.outbox import Handler
from peerqa.worker import Timer

MINUTE, HOUR = 60.0, 3600.0


def handlers(app: Flask) -> Mapping[str, Handler]:  # noqa: ARG001 - the first one comes with grades
    """Return what is done about each topic."""
    return {}


def timers(app: Flask) -> Sequence[Timer]:
    """Return what is done again and again."""
    key = app.extensions["peerqa.key"]
    return [
        Timer("lti-keys", HOUR, lambda: keys.keep_going(key, at=utc_now())),
        Timer("lti-rosters", MINUTE, _read_rosters, is_aside=True),
        Timer("old-launches", HOUR, _delete_old_launches),
    ]


def _delete_old_launches() -> None:
    """Delete the logins that nothing can come of, and what the launch log need not keep."""
    with transaction() as session:
        login.delete_old(session, at=utc_now())
        launch_log.delete_old(session, at=utc_now())


def _read_rosters() -> None:
    roster.read_due(now=utc_now)
