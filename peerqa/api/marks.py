"""What a member marks for themself: follows and bookmarks. PUT sets, DELETE ends; twice is once.

A mark is read by its owner alone, so it tells nobody who asked or wrote without a name.
"""

from flask import Blueprint, Response, g
from pydantic import BaseModel

from peerqa.api.contract import contract, replies, reply
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import Audience, open_to
from peerqa.services.answering.following import set_bookmark, set_follow
from peerqa.services.comments import get_post
from peerqa.services.questions import get_question

endpoints = Blueprint("api_marks", __name__)


class MarkShape(BaseModel):
    """Whether one follows a question, or has put a post aside."""

    post: int
    marked: bool


@endpoints.put("/questions/<id:question_id>/follow")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, MarkShape, 403, 404), tags=["marks"])
def follow_question(question_id: int) -> Response:
    """Hear of new answers."""
    return _follow(question_id, wanted=True)


@endpoints.delete("/questions/<id:question_id>/follow")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, MarkShape, 403, 404), tags=["marks"])
def unfollow_question(question_id: int) -> Response:
    """Hear of new answers no more."""
    return _follow(question_id, wanted=False)


@endpoints.put("/posts/<id:post_id>/bookmark")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, MarkShape, 403, 404), tags=["marks"])
def bookmark_post(post_id: int) -> Response:
    """Put a question or an answer aside."""
    return _bookmark(post_id, wanted=True)


@endpoints.delete("/posts/<id:post_id>/bookmark")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, MarkShape, 403, 404), tags=["marks"])
def take_back_bookmark(post_id: int) -> Response:
    """Take a bookmark out."""
    return _bookmark(post_id, wanted=False)


def _follow(question_id: int, *, wanted: bool) -> Response:
    with transaction() as session:
        question = get_question(session, g.member, question_id)
        set_follow(session, thing=question, by=g.member, wanted=wanted, at=utc_now())
    return reply(MarkShape(post=question_id, marked=wanted))


def _bookmark(post_id: int, *, wanted: bool) -> Response:
    with transaction() as session:
        post = get_post(session, g.member, post_id)
        set_bookmark(session, post=post, by=g.member, wanted=wanted, at=utc_now())
    return reply(MarkShape(post=post_id, marked=wanted))
