"""Comments: made, read, edited, taken back."""

from collections.abc import Callable

from flask import Blueprint, Response, g, url_for
from sqlalchemy.orm import Session

from peerqa.api.contract import contract, replies
from peerqa.api.gives import CommentShape
from peerqa.api.takes import CommentEdit, NewComment
from peerqa.api.versions import tagged, version_of
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, count, open_to
from peerqa.models import Answer, Member, Question
from peerqa.services import answers, comments, questions

endpoints = Blueprint("api_comments", __name__)


@endpoints.post("/questions/<id:question_id>/comments")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(201, CommentShape, 403, 404, 429, takes_body=True), tags=["comments"]
)
def comment_on_question(question_id: int, json: NewComment) -> Response:
    """Comment on a question."""
    return _comment(questions.get_question, question_id, json.body)


@endpoints.post("/answers/<id:answer_id>/comments")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(201, CommentShape, 403, 404, 429, takes_body=True), tags=["comments"]
)
def comment_on_answer(answer_id: int, json: NewComment) -> Response:
    """Comment on an answer."""
    return _comment(answers.get_answer, answer_id, json.body)


@endpoints.get("/comments/<id:comment_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, CommentShape, 404), tags=["comments"])
def get_comment(comment_id: int) -> Response:
    """Read a comment."""
    return _tagged(comment_id)


@endpoints.patch("/comments/<id:comment_id>")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(200, CommentShape, 403, 404, 409, 412, takes_body=True), tags=["comments"]
)
def edit_comment(comment_id: int, json: CommentEdit) -> Response:
    """Change a comment, unless somebody was faster."""
    with transaction() as session:
        comments.edit_comment(
            session,
            comment=comments.get_comment(session, g.member, comment_id),
            by=g.member,
            body=json.body,
            version=version_of(json.version),
            why=json.why,
            at=utc_now(),
        )
    return _tagged(comment_id)


@endpoints.delete("/comments/<id:comment_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(204, None, 403, 404), tags=["comments"])
def delete_comment(comment_id: int) -> Response:
    """Take a comment back."""
    with transaction() as session:
        comment = comments.get_comment(session, g.member, comment_id)
        comments.delete_comment(session, comment=comment, by=g.member, at=utc_now())
    return Response(status=204)


def _comment(
    get: Callable[[Session, Member, int], Question | Answer], post_id: int, body: str
) -> Response:
    with transaction() as session:
        count(session, "comments")
        parent = get(session, g.member, post_id)
        comment = comments.post_comment(
            session, parent=parent, author=g.member, body=body, at=utc_now()
        )
    return _tagged(comment.id, is_new=True)


def _tagged(comment_id: int, *, is_new: bool = False) -> Response:
    comment = comments.get_comment(db.session(), g.member, comment_id)
    place = url_for(".get_comment", comment_id=comment_id) if is_new else None
    return tagged(CommentShape.of(comment), 201 if is_new else 200, place=place)
