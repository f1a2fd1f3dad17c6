"""What the API takes: strict objects; a field that is not known is refused.

Limits are those of the services, which tidy what passes here and have the last word.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from peerqa.api.contract import MAX_ID
from peerqa.markup import MAX_LENGTH
from peerqa.paging import PAGE_SIZE
from peerqa.search.candidates import MAX_TYPED_BODY
from peerqa.services.answering.revisions import MAX_WHY
from peerqa.services.comments import MAX_COMMENT
from peerqa.services.finding.filters import Order
from peerqa.services.questions import MAX_TITLE, MIN_TITLE
from peerqa.services.topics import MAX_TOPIC_NAME, MAX_TOPICS
from peerqa.services.upkeep.keepers import MOST_KEEPERS

MAX_LIMIT = 100
MAX_QUERY = 300
MAX_START = 10_000  # of a list by date; a search pages through 200

_STORABLE = r"^[^\x00]*$"  # PostgreSQL cannot store the character zero
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Title = Annotated[str, Field(min_length=MIN_TITLE, max_length=MAX_TITLE, pattern=_STORABLE)]
Body = Annotated[str, Field(max_length=MAX_LENGTH, pattern=_STORABLE)]
CommentBody = Annotated[str, Field(min_length=1, max_length=MAX_COMMENT, pattern=_STORABLE)]
Why = Annotated[str, Field(max_length=MAX_WHY, pattern=_STORABLE)]
TopicName = Annotated[str, Field(min_length=1, max_length=MAX_TOPIC_NAME, pattern=_STORABLE)]
TopicNames = Annotated[list[TopicName], Field(max_length=MAX_TOPICS)]
AskedVisibility = Literal["organization", "space"]


class Sent(BaseModel):
    """A JSON body."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


def _never_null(schema: dict[str, Any]) -> None:  # Any: a JSON schema
    for field in schema["properties"].values():
        if "anyOf" in field:
            field |= field.pop("anyOf")[0]
            del field["default"]


class Query(BaseModel):
    """The parameters of an address: texts, so numbers are read out of them; null cannot be said."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra=_never_null
    )


def _number(typed: object) -> object:
    """Refuse what pydantic would tidy into a number: white space around it, underscores in it."""
    if isinstance(typed, str) and not re.fullmatch(r"-?[0-9]+", typed):
        raise PydanticKnownError("int_parsing")
    return typed


def _truth(typed: object) -> object:
    """Refuse what pydantic would take for a truth value beside the two that are described."""
    if isinstance(typed, str) and typed not in {"true", "false"}:
        raise PydanticKnownError("bool_parsing")
    return typed


def _day(typed: object) -> object:
    """Refuse what pydantic would take for a day beside YYYY-MM-DD, such as a number of seconds."""
    if isinstance(typed, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        raise PydanticKnownError("date_parsing", {"error": "YYYY-MM-DD is expected"})
    return typed


Day = Annotated[date, BeforeValidator(_day)]
Number = BeforeValidator(_number)  # in an address
Truth = BeforeValidator(_truth)


class NewQuestion(Sent):
    """A question to ask."""

    title: Title
    body: Body = ""
    space: Id
    topics: TopicNames = []
    visibility: AskedVisibility | None = None  # as the organization has it


class QuestionEdit(Sent):
    """What changes in a question; what is left out or null stays.

    The version that it was made from is sent here, or as an entity tag in If-Match.
    """

    version: Id | None = None
    why: Why = ""
    title: Title | None = None
    body: Body | None = None
    topics: TopicNames | None = None


class NewAnswer(Sent):
    """An answer to give."""

    body: Annotated[Body, Field(min_length=1)]


class AnswerEdit(Sent):
    """The new text of an answer, and the version that it was made from: here, or in If-Match."""

    version: Id | None = None
    why: Why = ""
    body: Annotated[Body, Field(min_length=1)]


class NewVerification(Sent):
    """Until when an answer is verified; the usual day where none is sent."""

    until: Day | None = None


class NewKeepers(Sent):
    """Who keeps a topic: ids of members."""

    members: Annotated[list[Id], Field(max_length=MOST_KEEPERS)]


class NewComment(Sent):
    """A remark to make."""

    body: CommentBody


class CommentEdit(Sent):
    """The new text of a comment, and the version that it was made from: here, or in If-Match."""

    version: Id | None = None
    why: Why = ""
    body: CommentBody


class Restoration(Sent):
    """The version to restore, and the one that is the present one: here, or in If-Match."""

    restore: Id
    version: Id | None = None


class QuestionQuery(Query):
    """Which questions, and from where on."""

    space: Annotated[Id, Number] | None = None
    topic: TopicName | None = None
    author: Annotated[Id, Number] | None = None
    answered: Annotated[bool, Truth] | None = None
    after: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Number, Field(ge=1, le=MAX_LIMIT)] = PAGE_SIZE


class SimilarQuery(Query):
    """A question that somebody is about to ask."""

    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE, pattern=_STORABLE)]
    body: Annotated[str, Field(max_length=MAX_TYPED_BODY, pattern=_STORABLE)] = ""


class SearchQuery(Query):
    """Words to search for, and filters; without words, all that passes is listed by date.

    A filter that names what does not exist, or what one may not see, lets nothing pass.
    """

    q: Annotated[str, Field(max_length=MAX_QUERY, pattern=_STORABLE)] = ""
    topic: TopicName | None = None
    space: Annotated[Id, Number] | None = None
    author: Annotated[Id, Number] | None = None
    state: Literal["open", "answered", "solved", "verified"] | None = None
    kind: Annotated[
        Literal["question", "answer", "guide"] | None,
        Field(description="Whose author and day are meant: the question's or an answer's."),
    ] = None
    after: Annotated[Day | None, Field(description="Written on this day, in UTC, or later.")] = None
    before: Annotated[Day | None, Field(description="Written before this day, in UTC.")] = None
    order: Order = "best"
    start: Annotated[int, Number, Field(ge=0, le=MAX_START)] = 0
    limit: Annotated[int, Number, Field(ge=1, le=50)] = PAGE_SIZE


class PeriodQuery(Query):
    """The last so many days."""

    days: Annotated[int, Number, Field(ge=1, le=366)] = 30
