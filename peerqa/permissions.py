"""may(member, act, thing): the one place that decides. visible_to() is its SQL twin for lists.

What a person may not see does not exist for that person: look-ups answer "not found" before any
rule here is asked. A closed space is closed to admins too, unless they are in it.
"""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, true

from peerqa.models import Answer, Comment, Member, Organization, Post, Question, Space
from peerqa.models.row_check import row_check
from peerqa.models.space import Role, Visibility

Thing = Post | Space | Organization


def may(member: Member, act: str, thing: Thing) -> bool:
    """Whether the member may do this to the thing.

    Args:
        member: with memberships loaded.
        act: one of RULES.
        thing: of any organization; a foreign one is always refused.
    """
    if member.inactive_at is not None or _organization_of(thing) != member.organization_id:
        return False
    if act in _ADDS and is_archived(thing):
        return False
    return RULES[act](member, thing)


def is_archived(thing: Thing) -> bool:
    """Whether it is, or stands in, a space that is read and not written in any more."""
    space = thing if isinstance(thing, Space) else question_of(thing).space
    return space.archived_at is not None


def visible_to(
    member: Member, *, thread: type[Question] = Question, with_guides: bool = False
) -> ColumnElement[bool]:
    """The questions that may(member, "see", …), as a condition.

    Args:
        member: with memberships loaded.
        thread: an alias of Question, where the query joins it to another kind of post.
        with_guides: guides too, which are in no list of questions.
    """
    return visible_in(
        member.organization_id, spaces_of(member), thread=thread, with_guides=with_guides
    )


def visible_in(
    organization_id: int | BindParameter[int],
    space_ids: Collection[int] | BindParameter[Sequence[int]],
    *,
    thread: type[Question] = Question,
    with_guides: bool = False,
) -> ColumnElement[bool]:
    """The questions that somebody of the organization sees who is in these spaces.

    Args:
        organization_id: or its place in a statement that is made once.
        space_ids: or their place.
        thread, with_guides: as in visible_to.
    """
    return and_(
        row_check(
            thread.organization_id == organization_id,
            true() if with_guides else thread.kind == "question",
            thread.deleted_at.is_(None),
        ),
        or_(thread.visibility == Visibility.ORGANIZATION, thread.space_id.in_(space_ids)),
    )


def spaces_visible_to(member: Member) -> ColumnElement[bool]:
    """The spaces that the member may see, as a condition."""
    return and_(
        Space.organization_id == member.organization_id,
        or_(Space.visibility == Visibility.ORGANIZATION, Space.id.in_(spaces_of(member))),
    )


def visible_to_reader(
    *, thread: type[Question] = Question, with_guides: bool = False
) -> ColumnElement[bool]:
    """The same for a statement that is made once, and executed with reader_values().

    To put a statement together takes as long as to execute it: what every page asks is made once.
    """
    return visible_in(
        bindparam("reader_organization"),
        bindparam("reader_spaces", expanding=True),
        thread=thread,
        with_guides=with_guides,
    )


def reader_values(member: Member) -> dict[str, object]:
    """Return what visible_to_reader() leaves open."""
    spaces = sorted(spaces_of(member))
    return {"reader_organization": member.organization_id, "reader_spaces": spaces}


def spaces_of(member: Member) -> set[int]:
    """The ids of the spaces that the member is in."""
    return {membership.space_id for membership in member.memberships}


def is_steward(member: Member, space_id: int) -> bool:
    """Whether the member keeps this space."""
    return space_id in kept_spaces(member)


def kept_spaces(member: Member) -> set[int]:
    """The ids of the spaces that the member is a steward of."""
    return {each.space_id for each in member.memberships if each.role == Role.STEWARD}


def stewards_anything(member: Member) -> bool:
    """Whether the member is a steward somewhere, or an admin.

    They moderate, say who keeps a topic, and read what those who left have left behind. Topics are
    the organization's, not a space's; and none of it opens a closed space.
    """
    return member.inactive_at is None and (member.is_admin or bool(kept_spaces(member)))


def is_author(member: Member, post: Post) -> bool:
    """Whether the member wrote the post. Ask this, and compare no author's id by yourself."""
    if post.is_masked:
        return wears_mask(member, question_of(post))
    return post.author_id is not None and post.author_id == member.id


def wears_mask(member: Member, question: Question) -> bool:
    """Whether the member asked this question, anonymously."""
    if not question.is_masked or not member.masks:
        return False
    return question.mask is not None and question.mask.tag in member.masks


def _organization_of(thing: Thing) -> int:
    return thing.id if isinstance(thing, Organization) else thing.organization_id


def question_of(thing: Thing) -> Question:
    """Return the question that a post is, or stands under."""
    if isinstance(thing, Answer | Comment):
        return thing.question
    assert isinstance(thing, Question), "a rule for posts was asked about something else"
    return thing


def _see(member: Member, thing: Thing) -> bool:
    if isinstance(thing, Organization):
        return True
    if isinstance(thing, Space):
        return thing.visibility == Visibility.ORGANIZATION or thing.id in spaces_of(member)
    question = question_of(thing)
    if isinstance(thing, Post) and thing.deleted_at is not None:
        return False
    return question.deleted_at is None and reaches(member, question)


def reaches(member: Member, question: Question) -> bool:
    """Whether the question is meant for the member, be it there or not."""
    return question.visibility == Visibility.ORGANIZATION or question.space_id in spaces_of(member)


def _own_or_steward(member: Member, thing: Thing) -> bool:
    assert isinstance(thing, Post)
    return _see(member, thing) and (
        is_author(member, thing) or is_steward(member, question_of(thing).space_id)
    )


def _restore(member: Member, thing: Thing) -> bool:
    """Whether this is theirs to give back; how long ago it was is asked in the service."""
    assert isinstance(thing, Post)
    question = question_of(thing)
    return reaches(member, question) and (
        is_author(member, thing) or is_steward(member, question.space_id)
    )


def _delete(member: Member, thing: Thing) -> bool:
    """What colleagues have answered is theirs too: then only a steward takes a question back."""
    if not _own_or_steward(member, thing):
        return False
    if not isinstance(thing, Question) or is_steward(member, thing.space_id):
        return True
    return not thing.answer_count or all(
        answer.deleted_at is not None or is_author(member, answer) for answer in thing.answers
    )


def _own(member: Member, thing: Thing) -> bool:
    assert isinstance(thing, Post)
    return _see(member, thing) and is_author(member, thing)


def _see_thread(member: Member, thing: Thing) -> bool:
    """A guide has no comments: what is to be said of it belongs to its threads."""
    return _see(member, thing) and not (isinstance(thing, Question) and thing.is_guide)


def _not_own(member: Member, thing: Thing) -> bool:
    return _see(member, thing) and not _own(member, thing)


def moderates(member: Member, question: Question) -> bool:
    """Whether the member decides about what colleagues write in a thread, in sight or not.

    Admins do so where they may look; a closed space is its stewards' alone.
    """
    return reaches(member, question) and (member.is_admin or is_steward(member, question.space_id))


def _moderate(member: Member, thing: Thing) -> bool:
    assert isinstance(thing, Post)
    return moderates(member, question_of(thing)) and not is_author(member, thing)


def _accept(member: Member, thing: Thing) -> bool:
    question = question_of(thing)
    return _see(member, thing) and (
        is_author(member, question) or is_steward(member, question.space_id)
    )


def _keep(member: Member, thing: Thing) -> bool:
    return _see(member, thing) and is_steward(member, question_of(thing).space_id)


def _verify(member: Member, thing: Thing) -> bool:
    """Stewards of its space, and who keeps one of its topics."""
    if not _see(member, thing):
        return False
    question = question_of(thing)
    return is_steward(member, question.space_id) or keeps_topic_of(member, question)


def keeps_topic_of(member: Member, question: Question) -> bool:
    """Whether the member keeps one of the topics that a question is about."""
    about = {topic.id for topic in question.topics}
    return bool(about) and any(keeping.topic_id in about for keeping in member.keepings)


def _steward(member: Member, thing: Thing) -> bool:
    assert isinstance(thing, Space)
    return is_steward(member, thing.id)


def _admit(member: Member, thing: Thing) -> bool:
    """Stewards say who is in their space; admins where they may look."""
    assert isinstance(thing, Space)
    return is_steward(member, thing.id) or (member.is_admin and _see(member, thing))


def _administer(member: Member, _thing: Thing) -> bool:
    return member.is_admin


# What an archived space has no more of; to take back what one wrote is allowed everywhere.
_ADDS = frozenset(
    {"ask", "answer", "comment", "vote", "edit", "convert", "settle", "verify", "retire", "accept",
     "mark_duplicate", "merge", "merge_into"}
)  # fmt: skip

RULES: dict[str, Callable[[Member, Thing], bool]] = {
    "see": _see,
    "ask": _see,  # in a space
    "answer": _see,
    "comment": _see_thread,
    "vote": _not_own,
    "edit": _own_or_steward,
    "delete": _delete,
    "restore": _restore,
    "convert": _own_or_steward,  # an answer to a comment, and back
    "settle": _keep,  # that an answer is said to be no longer right
    "verify": _verify,  # that it is right, until a day
    "retire": _verify,  # what was right once, and back
    "follow": _see,
    "invite": _see_thread,  # a colleague, to answer it
    "flag": _not_own,
    "moderate": _moderate,
    "accept": _accept,
    "mark_duplicate": _own_or_steward,
    "merge": _keep,
    "merge_into": _keep,
    "reveal": _keep,
    "steward": _steward,  # a space: its people, its column in a gradebook
    "admit": _admit,  # people to a space, in a role; and what it is called
    "administer": _administer,
}
