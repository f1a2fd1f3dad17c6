"""Questions: asked, listed, read with all that stands under them, edited, taken back."""

from flask import Blueprint, Response, g, url_for

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import (
    AnswerShape,
    CommentShape,
    QuestionPage,
    QuestionRow,
    QuestionShape,
)
from peerqa.api.takes import NewQuestion, QuestionEdit, QuestionQuery
from peerqa.api.versions import tagged, version_of
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import NotFound
from peerqa.gate import Audience, count, open_to, settings
from peerqa.models import Question
from peerqa.models.space import Visibility
from peerqa.paging import Page, read_cursor
from peerqa.services import answers, comments, questions, reading, spaces, topics, votes
from peerqa.services.reading import QuestionFilter

endpoints = Blueprint("api_questions", __name__)


@endpoints.post("/questions")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(201, QuestionShape, 403, 404, 429, takes_body=True), tags=["questions"]
)
def post_question(json: NewQuestion) -> Response:
    """Ask a question."""
    names = topics.read_topic_names(",".join(json.topics))
    with transaction() as session:
        count(session, "questions")
        question = questions.post_question(
            session,
            space=spaces.get_space(session, g.member, json.space),
            author=g.member,
            title=json.title,
            body=json.body,
            topic_names=names,
            visibility=Visibility(json.visibility or g.member.organization.question_visibility),
            at=utc_now(),
        )
    place = url_for(".get_question", question_id=question.id)
    return reply(_whole(question.id), 201, headers={"Location": place})


@endpoints.get("/questions")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, QuestionPage), tags=["questions"])
def list_questions(query: QuestionQuery) -> Response:
    """List questions, most recently active first."""
    page = _page(query)
    address = settings().address
    rows = [QuestionRow.of(row, address=address) for row in page.rows]
    return reply(QuestionPage(questions=rows, next=page.next))


@endpoints.get("/questions/<id:question_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, QuestionShape, 404), tags=["questions"])
def get_question(question_id: int) -> Response:
    """Read a question with its answers and comments."""
    return tagged(_whole(question_id))


@endpoints.patch("/questions/<id:question_id>")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(200, QuestionShape, 403, 404, 409, 412, takes_body=True), tags=["questions"]
)
def edit_question(question_id: int, json: QuestionEdit) -> Response:
    """Change a question, unless somebody was faster."""
    with transaction() as session:
        question = questions.get_question(session, g.member, question_id)
        names = [topic.name for topic in question.topics] if json.topics is None else json.topics
        questions.edit_question(
            session,
            question=question,
            by=g.member,
            title=question.title if json.title is None else json.title,
            body=question.body if json.body is None else json.body,
            topic_names=topics.read_topic_names(",".join(names)),
            version=version_of(json.version),
            why=json.why,
            at=utc_now(),
        )
    return tagged(_whole(question_id))


@endpoints.delete("/questions/<id:question_id>")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(204, None, 403, 404), tags=["questions"])
def delete_question(question_id: int) -> Response:
    """Take a question back."""
    with transaction() as session:
        question = questions.get_question(session, g.member, question_id)
        questions.delete_question(session, question=question, by=g.member, at=utc_now())
    return Response(status=204)


def _page(query: QuestionQuery) -> Page[Question]:
    session = db.session()
    topic_id = None
    if query.topic is not None:
        try:
            topic_id = topics.get_visible_topic(session, g.member, query.topic).id
        except NotFound:
            return Page([], None)
    return reading.list_questions(
        session,
        g.member,
        only=QuestionFilter(query.space, topic_id, query.author, query.answered),
        after=read_cursor(query.after),
        limit=query.limit,
    )


def _whole(question_id: int) -> QuestionShape:
    session = db.session()
    question = questions.get_question(session, g.member, question_id)
    below = answers.list_answers(session, question)
    remarks = comments.list_comments(session, question)
    voted = votes.list_own_votes(session, g.member, [question.id, *(row.id for row in below)])
    original = questions.find_visible_original(question, reader=g.member)
    return QuestionShape.of(
        question,
        address=settings().address,
        body=question.body,
        html=question.html,
        version=question.version,
        voted=question.id in voted,
        edited_at=question.edited_at,
        duplicate_of=original.id if original else None,
        is_merged=question.merged_at is not None,
        comments=[CommentShape.of(row) for row in remarks.get(question.id, [])],
        answers=[
            AnswerShape.of(row, voted=row.id in voted, comments=remarks.get(row.id, []))
            for row in below
        ],
    )
