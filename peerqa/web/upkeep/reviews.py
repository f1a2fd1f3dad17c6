"""The weekly queue of stewards and keepers: what is due, and one click for each way to end it."""

from collections.abc import Mapping, Sequence

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Answer, Review
from peerqa.paging import read_id
from peerqa.permissions import kept_spaces, stewards_anything
from peerqa.services import answers, members
from peerqa.services.upkeep import hand_over, queue
from peerqa.web.pages import me, pages, see, see_post, show

REASONS: Mapping[str, str] = {
    "doubted": N_("Colleagues say that it is no longer right"),
    "lapsed": N_("Somebody vouched for it, and does no more"),
    "left": N_("Whoever wrote it has left"),
    "newer": N_("Somebody else answered after it"),
    "old": N_("Nobody has looked at it for long"),
}
GONE = N_(
    "This answer was deleted meanwhile, or is out of your sight. There is nothing left to review."
)


@pages.get("/reviews")
@open_to(Audience.MEMBERS)
def show_reviews() -> ResponseReturnValue:
    """Show what the reader should look at, or what others have too."""
    everything = request.args.get("show") == "all"
    listed = queue.list_queue(db.session(), me(), at=utc_now(), everything=everything)
    return show(
        "upkeep/reviews.html",
        listed=listed,
        everything=everything,
        unkept=queue.count_unkept(db.session(), me()) if me().is_admin else 0,
    )


@pages.post("/answers/<id:answer_id>/hand")
@open_to(Audience.MEMBERS)
def hand_review(answer_id: int) -> ResponseReturnValue:
    """Give an item to somebody else, or take it."""
    with transaction() as session:
        answer = get_reviewed(session, answer_id)
        to_id = read_id(request.form.get("to"))
        queue.hand_on(session, answer=answer, to_id=to_id, by=me(), at=utc_now())
    return see("show_reviews", said="handed")


@pages.get("/members/<id:member_id>/left")
@open_to(Audience.MEMBERS)
def show_hand_over(member_id: int) -> ResponseReturnValue:
    """Show what only one colleague knows."""
    member = members.get_member(db.session(), me().organization_id, member_id)
    found = hand_over.list_only_theirs(db.session(), member, by=me())
    return show("upkeep/hand_over.html", member=member, answers=found)


def get_reviewed(session: Session, answer_id: int) -> Answer:
    """Return an answer; what is said where it is gone is of use to who came from the queue."""
    try:
        return answers.get_answer(session, me(), answer_id)
    except NotFound:
        raise NotFound(GONE, answer=answer_id) from None


def see_after(answer: Answer, said: str) -> ResponseReturnValue:
    """Send the browser back to the queue, if it came from there, else to the answer."""
    if request.form.get("back") == "reviews":
        return see("show_reviews", said=said)
    return see_post(answer.question_id, answer.id, said=said)


@pages.app_template_global()
def reasons_of(row: Review) -> Sequence[str]:
    """Return why an answer is due, in sentences to translate."""
    return [REASONS[code] for code in row.reasons.split(",") if code in REASONS]


@pages.app_template_global()
def keeps_a_space() -> bool:
    """Whether the reader is a steward anywhere."""
    return bool(kept_spaces(me()))


@pages.app_template_global("stewards_anything")
def reader_stewards_anything() -> bool:
    """Whether the reader is one, or an admin."""
    return stewards_anything(me())
