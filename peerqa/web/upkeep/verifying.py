"""Vouching for an answer until a day, and taking that back."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import Audience, open_to, settings
from peerqa.models import Post
from peerqa.services.upkeep import verifying
from peerqa.services.upkeep.edited import keeps_by_edit
from peerqa.web.pages import me, pages
from peerqa.web.upkeep.reviews import get_reviewed, see_after


@dataclass(frozen=True)
class ReviewDays:
    """The days that a form offers."""

    first: date
    usual: date
    last: date


@pages.app_template_global()
def review_days() -> ReviewDays:
    """Return until when an answer can be verified."""
    at, most = utc_now(), settings().review_days_most
    return ReviewDays(
        verifying.first_day(at),
        verifying.usual_day(at, days=settings().review_days, most=most),
        verifying.last_day(at, most=most),
    )


@pages.app_template_global()
def is_verified(post: Post) -> bool:
    """Whether somebody vouches for the post today; its standing is loaded."""
    until = post.standing.verified_until if post.standing else None
    return until is not None and until > utc_now()


@pages.app_template_global()
def stays_verified(post: Post) -> bool:
    """Whether a verified post stays so when the reader edits it."""
    return keeps_by_edit(post, me())


def read_until(typed: str, *, at: datetime) -> datetime:
    """Return until when an answer is verified, by the settings; as in the service."""
    return verifying.read_until(
        typed, at=at, days=settings().review_days, most=settings().review_days_most
    )


@pages.post("/answers/<id:answer_id>/verify")
@open_to(Audience.MEMBERS)
def verify_answer(answer_id: int) -> ResponseReturnValue:
    """Vouch for an answer, or no more."""
    now, wanted = utc_now(), request.form.get("wanted") != "0"
    with transaction() as session:
        answer = get_reviewed(session, answer_id)
        if wanted:
            until = read_until(request.form.get("until", ""), at=now)
            verifying.verify_answer(session, answer=answer, by=me(), until=until, at=now)
        else:
            verifying.withdraw_verification(session, answer=answer, by=me(), at=now)
    return see_after(answer, "verified" if wanted else "not-verified")
