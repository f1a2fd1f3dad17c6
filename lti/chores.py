"""What the worker does for LMSs: about topics of the outbox, and from time to time."""

from collections.abc import Mapping, Sequence

from flask import Flask

from lti.grading import grade_delivery
from lti.launching import launch_log, login
from lti.people import roster
from lti.services import keys
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.outbox import Handler
from peerqa.services.grades import GRADE
from peerqa.worker import Timer

SCORES_SECONDS, MINUTE, HOUR = 2.0, 60.0, 3600.0


def handlers(app: Flask) -> Mapping[str, Handler]:  # noqa: ARG001 - as every front door's
    """Return what is done about each topic."""
    return {GRADE: _note_scores}


def timers(app: Flask) -> Sequence[Timer]:
    """Return what is done again and again."""
    key = app.extensions["peerqa.key"]
    return [
        Timer("lti-keys", HOUR, lambda: keys.keep_going(key, at=utc_now())),
        Timer("lti-scores", SCORES_SECONDS, _deliver_scores, is_aside=True),
        Timer("lti-rosters", MINUTE, _read_rosters, is_aside=True),
        Timer("old-launches", MINUTE, _delete_old_launches),
    ]


def _delete_old_launches() -> None:
    """Delete the logins that nothing can come of, and what the launch log need not keep."""
    for kind in (login, launch_log):
        count = kind.AT_ONCE
        while count == kind.AT_ONCE:  # some at a time: others write meanwhile
            with transaction() as session:
                count = kind.delete_old(session, at=utc_now())


def _note_scores(grade_ids: Sequence[str]) -> None:
    grade_delivery.note_all(grade_ids, now=utc_now)


def _deliver_scores() -> None:
    grade_delivery.deliver_due(now=utc_now)


def _read_rosters() -> None:
    roster.read_due(now=utc_now)
