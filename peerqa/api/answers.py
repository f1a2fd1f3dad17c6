"""Answers: given, read, edited, accepted, taken back."""

from flask import Blueprint, Response, g, url_for

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import AcceptanceShape, AnswerShape
from peerqa.api.takes import AnswerEdit, NewAnswer
from peerqa.api.versions import tagged, version_of
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, count, open_to
from peerqa.models import Answer
from peerqa.services import answers, comments, questions, votes

endpoints = Blueprint("api_answers", __name__)


@endpoints.post("/questions/<id:question_id>/answers")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(201, AnswerShape, 403, 404, 429, takes_body=True), tags=["answers"])
def post_answer(question_id: int, json: NewAnswer) -> Response:
    """Answer a question."""
    with transaction() as session:
        count(session, "answers")
        answer = answers.post_answer(
            session,
            question=questions.get_question(session, g.member, question_id),
            author=g.member,
            body=json.body,
            at=utc_now(),
        )
    place = url_for(".get_answer", answer_id=answer.id)
    return reply(_whole(answer.id), 201, headers={"Location": place})


@endpoints.get("/answers/<id:answer_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, AnswerShape, 404), tags=["answers"])
def get_answer(answer_id: int) -> Response:
    """Read an answer with its comments."""
    return tagged(_whole(answer_id))


@endpoints.patch("/answers/<id:answer_id>")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(200, AnswerShape, 403, 404, 409, 412, takes_body=True), tags=["answers"]
)
def edit_answer(answer_id: int, json: AnswerEdit) -> Response:
    """Change an answer, unless somebody was faster."""
    with transaction() as session:
        answers.edit_answer(
            session,
            answer=answers.get_answer(session, g.member, answer_id),
            by=g.member,
            body=json.body,
            version=version_of(json.version),
            why=json.why,
            at=utc_now(),
        )
    return tagged(_whole(answer_id))


@endpoints.delete("/answers/<id:answer_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(204, None, 403, 404), tags=["answers"])
def delete_answer(answer_id: int) -> Response:
    """Take an answer back."""
    with transaction() as session:
        answer = answers.get_answer(session, g.member, answer_id)
        answers.delete_answer(session, answer=answer, by=g.member, at=utc_now())
    return Response(status=204)


@endpoints.put("/answers/<id:answer_id>/acceptance")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, AcceptanceShape, 403, 404), tags=["answers"])
def accept_answer(answer_id: int) -> Response:
    """Say that this answer solved the question; twice says it once."""
    with transaction() as session:
        answer = answers.get_answer(session, g.member, answer_id)
        answers.accept_answer(session, answer=answer, by=g.member, at=utc_now())
    return reply(_acceptance(answer))


@endpoints.delete("/answers/<id:answer_id>/acceptance")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, AcceptanceShape, 403, 404), tags=["answers"])
def withdraw_acceptance(answer_id: int) -> Response:
    """Say that this answer did not solve the question after all."""
    with transaction() as session:
        answer = answers.get_answer(session, g.member, answer_id)
        answers.withdraw_acceptance(session, answer=answer, by=g.member, at=utc_now())
    return reply(_acceptance(answer))


def _acceptance(answer: Answer) -> AcceptanceShape:
    return AcceptanceShape(question=answer.question_id, accepted=answer.question.accepted_id)


def _whole(answer_id: int) -> AnswerShape:
    session = db.session()
    answer = answers.get_answer(session, g.member, answer_id)
    remarks = comments.list_comments(session, answer.question)
    voted = votes.list_own_votes(session, g.member, [answer.id])
    return AnswerShape.of(answer, voted=bool(voted), comments=remarks.get(answer.id, []))
