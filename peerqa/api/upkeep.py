"""Keeping answers right: verified until a day, and who keeps a topic."""

from datetime import datetime

from flask import Blueprint, Response, g
from pydantic import BaseModel

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import Named
from peerqa.api.takes import NewKeepers, NewVerification
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, open_to, settings
from peerqa.services import answers, members, topics
from peerqa.services.upkeep import keepers, verifying

endpoints = Blueprint("api_upkeep", __name__)


class VerificationShape(BaseModel):
    """Until when an answer is verified; empty when it is not."""

    answer: int
    verified_until: datetime | None


class KeepersShape(BaseModel):
    """Who keeps a topic."""

    topic: int
    name: str
    keepers: list[Named]


@endpoints.put("/answers/<id:answer_id>/verification")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(200, VerificationShape, 403, 404, 409, takes_body=True), tags=["upkeep"]
)
def verify_answer(answer_id: int, json: NewVerification) -> Response:
    """Vouch that an answer is right until a day; twice sets the later one."""
    now = utc_now()
    until = verifying.read_until(
        json.until.isoformat() if json.until else "",
        at=now,
        days=settings().review_days,
        most=settings().review_days_most,
    )
    with transaction() as session:
        answer = answers.get_answer(session, g.member, answer_id)
        verifying.verify_answer(session, answer=answer, by=g.member, until=until, at=now)
    return reply(VerificationShape(answer=answer_id, verified_until=until))


@endpoints.delete("/answers/<id:answer_id>/verification")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, VerificationShape, 403, 404), tags=["upkeep"])
def withdraw_verification(answer_id: int) -> Response:
    """Vouch for it no more."""
    with transaction() as session:
        answer = answers.get_answer(session, g.member, answer_id)
        verifying.withdraw_verification(session, answer=answer, by=g.member, at=utc_now())
    return reply(VerificationShape(answer=answer_id, verified_until=None))


@endpoints.get("/topics/<id:topic_id>/keepers")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, KeepersShape, 404), tags=["upkeep"])
def list_keepers(topic_id: int) -> Response:
    """List who keeps a topic, by name."""
    return _keepers(topic_id)


@endpoints.put("/topics/<id:topic_id>/keepers")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, KeepersShape, 403, 404, takes_body=True), tags=["upkeep"])
def set_keepers(topic_id: int, json: NewKeepers) -> Response:
    """Say who keeps a topic, from now on they alone; an empty list leaves it to the stewards."""
    with transaction() as session:
        topic = topics.get_visible_topic(session, g.member, topic_id)
        people = [
            members.get_member(session, g.member.organization_id, each) for each in json.members
        ]
        keepers.set_keepers(session, topic=topic, members=people, by=g.member, at=utc_now())
    return _keepers(topic_id)


def _keepers(topic_id: int) -> Response:
    session = db.session()
    topic = topics.get_visible_topic(session, g.member, topic_id)
    found = keepers.list_keepers(session, topic)
    return reply(
        KeepersShape(topic=topic.id, name=topic.name, keepers=[Named.of(each) for each in found])
    )
