"""Columns and scores as gradebooks read them: addresses, media types, messages, instants.

AGS 2.0 sections 3.2 (line items), 3.4 (scores) and 3.1.1 (scopes: each is named exactly, and none
follows from another). The messages are pylti1p3's, which is loaded when the first one is made: web
processes make none.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM, SCORE = f"{_SCOPE}lineitem", f"{_SCOPE}score"
ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
TAG = "peerqa"
STEP = timedelta(seconds=1)
REVIEWED = ["None", "InProgress", "Submitted", "Completed"]


def resource_id(space_id: int) -> str:
    """Return how our column of a space is found again at the platform."""
    return f"peerqa-space-{space_id}"


def items_url(url: str, space_id: int) -> str:
    """Return where our column of a space is listed, should it be there."""
    return f"{url}{'&' if '?' in url else '?'}resource_id={quote(resource_id(space_id))}"


def scores_url(url: str) -> str:
    """Return where scores of a column are posted: "/scores" comes before the query (3.4)."""
    path, mark, query = url.partition("#")[0].partition("?")
    return f"{path.rstrip('/')}/scores{mark}{query}"


def item_body(*, label: str, maximum: float, space_id: int) -> bytes:
    """Describe our column; submission review opens what somebody contributed."""
    from pylti1p3.lineitem import LineItem as ItemMessage

    message = ItemMessage()
    message.set_label(label)
    message.set_score_maximum(maximum)
    message.set_resource_id(resource_id(space_id))
    message.set_tag(TAG)
    message.set_submission_review(REVIEWED)
    return str(message.get_value()).encode()


def score_body(
    *, subject: str, given: float, maximum: float, comment: str, score_at: datetime
) -> bytes:
    """Describe a final score: what is not FullyGraded erases the grade that people saw (Moodle)."""
    from pylti1p3.grade import Grade as ScoreMessage

    message = ScoreMessage()
    message.set_user_id(subject)
    message.set_score_given(given)
    message.set_score_maximum(maximum)
    message.set_comment(comment)
    message.set_activity_progress("Completed")
    message.set_grading_progress("FullyGraded")
    message.set_timestamp(score_at.astimezone(UTC).isoformat(timespec="milliseconds"))
    return str(message.get_value()).encode()


def next_instant(*, platform_now: datetime, last: datetime | None) -> datetime:
    """Return the instant of the next score: strictly newer than the last, in whole seconds.

    Platforms may keep no parts of a second (Moodle).

    Args:
        platform_now: by the platform's clock where ours is ahead: a score from the future blocks
            all that come before its time.
    """
    instant = platform_now.replace(microsecond=0)
    return instant if last is None or instant > last else last.replace(microsecond=0) + STEP
