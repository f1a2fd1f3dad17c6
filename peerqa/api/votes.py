"""Votes: PUT sets one's vote, DELETE takes it back, and twice is once."""

from collections.abc import Callable

from flask import Blueprint, Response, g
from sqlalchemy.orm import Session

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import VoteShape
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import Audience, open_to
from peerqa.models import Answer, Member, Question
from peerqa.services.answering.stand_in import stand_in
from peerqa.services.answers import get_answer
from peerqa.services.questions import get_question
from peerqa.services.votes import set_vote

endpoints = Blueprint("api_votes", __name__)


@endpoints.put("/questions/<id:question_id>/vote")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, VoteShape, 403, 404), tags=["votes"])
def vote_for_question(question_id: int) -> Response:
    """Say "I have this too"."""
    return _vote(get_question, question_id, wanted=True)


@endpoints.delete("/questions/<id:question_id>/vote")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, VoteShape, 403, 404), tags=["votes"])
def take_back_question_vote(question_id: int) -> Response:
    """Take "I have this too" back."""
    return _vote(get_question, question_id, wanted=False)


@endpoints.put("/answers/<id:answer_id>/vote")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, VoteShape, 403, 404), tags=["votes"])
def vote_for_answer(answer_id: int) -> Response:
    """Say "helped me too"."""
    return _vote(get_answer, answer_id, wanted=True)


@endpoints.delete("/answers/<id:answer_id>/vote")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, VoteShape, 403, 404), tags=["votes"])
def take_back_answer_vote(answer_id: int) -> Response:
    """Take "helped me too" back."""
    return _vote(get_answer, answer_id, wanted=False)


def _vote(
    get: Callable[[Session, Member, int], Question | Answer], post_id: int, *, wanted: bool
) -> Response:
    with transaction() as session:
        post = stand_in(session, get(session, g.member, post_id), g.member)
        set_vote(session, post=post, by=g.member, wanted=wanted, at=utc_now())
    return reply(VoteShape(post=post.id, votes=post.vote_count, voted=wanted))
