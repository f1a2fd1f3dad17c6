"""Longer forms. Their validators are the services' own readers, so each sentence stands once."""

from collections.abc import Callable
from typing import TypeVar

from flask_babel import gettext
from wtforms import Field, FileField, Form, StringField, TextAreaField, ValidationError

from peerqa.errors import Invalid
from peerqa.models import Question
from peerqa.models.space import Visibility
from peerqa.services.answering.doubts import read_reason
from peerqa.services.answering.revisions import read_why
from peerqa.services.comments import read_comment
from peerqa.services.posts import read_body
from peerqa.services.questions import read_title
from peerqa.services.topics import read_topic_names


def reads(reader: Callable[[str], object]) -> Callable[[Form, Field], None]:
    """Make a validator out of a reader: what it refuses stands beside the field."""

    def validate(_form: Form, field: Field) -> None:
        try:
            reader(field.data or "")
        except Invalid as refusal:
            raise ValidationError(gettext(refusal.sentence, **refusal.context)) from None

    return validate


class QuestionForm(Form):
    """A question, asked or edited."""

    title = StringField(validators=[reads(read_title)])
    body = TextAreaField(validators=[reads(lambda body: read_body(body, required=False))])
    topics = StringField(validators=[reads(read_topic_names)])
    space = StringField()
    visibility = StringField()
    anonymous = StringField()
    why = StringField(validators=[reads(read_why)])  # when it is edited
    picture = FileField()
    picture_alt = StringField()

    @property
    def is_for_space_only(self) -> bool:
        """Whether the box "only this space" is ticked."""
        return bool(self.visibility.data == Visibility.SPACE.value)

    @property
    def is_anonymous(self) -> bool:
        """Whether the box "ask anonymously" is ticked."""
        return bool(self.anonymous.data)

    @property
    def topic_names(self) -> list[str]:
        """The topics, after validation."""
        return read_topic_names(self.topics.data or "")


class TextForm(Form):
    """An answer."""

    body = TextAreaField(validators=[reads(lambda body: read_body(body, required=True))])
    why = StringField(validators=[reads(read_why)])  # when it is edited
    picture = FileField()
    picture_alt = StringField()


class CommentForm(TextForm):
    """A comment, which is shorter."""

    body = TextAreaField(validators=[reads(read_comment)])


class DoubtForm(Form):
    """Why an answer is no longer right."""

    reason = StringField(validators=[reads(read_reason)])


Filled = TypeVar("Filled", bound=QuestionForm)


def refuse(field: Field, refusal: Invalid) -> None:
    """Put a refusal of a service beside a field."""
    field.errors = [*field.errors, gettext(refusal.sentence, **refusal.context)]


def filled_from(question: Question, form: type[Filled], **more: str) -> Filled:
    """Return the form for editing a question, or one like it.

    Args:
        more: fields that it has besides, or that say something else.
    """
    topics = ", ".join(topic.name for topic in question.topics)
    return form(data={"title": question.title, "body": question.body, "topics": topics, **more})
