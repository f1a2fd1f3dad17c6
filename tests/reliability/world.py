"""Two companies, and in the first a space that is closed: what isolation is tested on.

Texts of each part carry a word of their own, so that a leak is seen wherever it comes out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.connecting.invitations import find_invitation, make_invitation
from lti.connecting.registration import add_deployment
from lti.launching import launch_log
from lti.launching.launch_log import Attempt
from lti.launching.refusals import DeploymentWaiting
from peerqa import identity
from peerqa.clock import utc_now
from peerqa.gate import instance_key
from peerqa.models import (
    FairnessCase,
    FairnessLine,
    Guide,
    GuideSource,
    Member,
    Organization,
    Question,
    Review,
    Space,
)
from peerqa.models.space import Role, Visibility
from peerqa.services import (
    answers,
    comments,
    members,
    notifications,
    organizations,
    questions,
    spaces,
)
from peerqa.services.admin.legal import save_pages
from peerqa.services.asking.anonymous import ask_anonymously
from peerqa.services.finding.saved_searches import save_search
from peerqa.services.look_ups import ShownHit
from peerqa.web.shown_hits import sign
from tests.conftest import NOON, make_member
from tests.lti.conftest import make_platform
from tests.lti.courses import make_campus
from tests.web.picture_files import add_picture

OPEN, CLOSED, FOREIGN = "opencanary", "closedcanary", "foreigncanary"
MISSING = 2**31 - 1
Thing = dict[str, int | str]  # its id or name by kind: question, answer, comment, space, topic …

# Who may read which part.
READS = {
    "stranger": set(),
    "asker": {OPEN, CLOSED},
    "member": {OPEN},
    "steward": {OPEN},
    "admin": {OPEN},
    "foreign": {FOREIGN},
}


@dataclass(frozen=True)
class World:
    """People by role, and the things of each part."""

    people: dict[str, Member]
    parts: dict[str, Thing]  # and "missing"


def make_world(app: Flask, session: Session) -> World:
    """Make both companies; Alice asked all in the first; Bob has left its closed space."""
    ours = organizations.make_organization(session, name="Northwind", at=NOON)
    theirs = organizations.make_organization(session, name=f"Elsewhere {FOREIGN}", at=NOON)
    people = _make_people(session, ours, theirs)
    workshop = spaces.make_space(session, organization=ours, name=f"Workshop {OPEN}", at=NOON)
    pay = spaces.make_space(
        session, organization=ours, name=f"Pay {CLOSED}", at=NOON, visibility=Visibility.SPACE
    )
    lab = spaces.make_space(session, organization=theirs, name=f"Lab {FOREIGN}", at=NOON)
    members.join_space(session, member=people["steward"], space=workshop, role=Role.STEWARD)
    for role in ("asker", "insider", "member"):
        members.join_space(session, member=people[role], space=pay)
    parts = {
        OPEN: _thread(session, workshop, OPEN, people["asker"], people["member"]),
        CLOSED: _thread(session, pay, CLOSED, people["asker"], people["insider"]),
        FOREIGN: _thread(session, lab, FOREIGN, people["foreign"], people["other"]),
    }
    _answer_and_leave(session, people["member"], pay)
    parts[OPEN] |= _open_courses(session, workshop, people["steward"])
    parts[OPEN] |= _connect_lms(session, ours, OPEN) | _write_imprint(session, people["admin"])
    parts[FOREIGN] |= _connect_lms(session, theirs, FOREIGN)
    for part, role in ((OPEN, "insider"), (FOREIGN, "other")):
        made = identity.sign_in(session, people[role], at=utc_now())
        parts[part] |= {"member": people[role].id, "sign_in": made.row.id}
        parts[part] |= _case(session, people["member" if part == OPEN else role])
    for part, role in ((OPEN, "asker"), (FOREIGN, "foreign")):
        saved = save_search(session, member=people[role], query=f"{part} wrench", name="", at=NOON)
        parts[part] |= {"saved_search": saved.id}
    session.commit()
    update: Callable[[list[str]], None] = app.extensions["peerqa.search"].update
    update([str(parts[p][kind]) for p in parts for kind in ("question", "answer", "guide")])
    return World(people, parts | {"missing": _missing(parts[OPEN])})


def _missing(part: Thing) -> Thing:
    """Return what nobody has made, of every kind."""
    return dict.fromkeys(part, MISSING) | {
        "topic": "missingcanary",
        "picture": "A" * 43,
        "link": "no-such-link",
        "leave": "no-such-letter",
        "invitation": "no-such-invitation",
        "picking": "no-such-picker",
        "hit": _signed(MISSING),
    }


def _case(session: Session, receiver: Member) -> Thing:
    """Find a vote for somebody not fair, of themself: of nobody who reads it in a test."""
    case = FairnessCase(
        organization_id=receiver.organization_id, pattern="burst", found_at=NOON,
        lines=[FairnessLine(member_id=receiver.id, giver_id=receiver.id, post_id=MISSING)],
    )  # fmt: skip
    session.add(case)
    session.flush()
    return {"case": case.id}


def _write_imprint(session: Session, admin: Member) -> Thing:
    save_pages(session, {"imprint": "What is right."}, is_public=False, by=admin, at=NOON)
    return {"legal": "imprint"}


def _make_people(session: Session, ours: Organization, theirs: Organization) -> dict[str, Member]:
    return {
        "asker": make_member(session, ours, "Alice Asker"),
        "member": make_member(session, ours, "Bob Builder"),
        "insider": make_member(session, ours, "Ivy Insider"),
        "steward": make_member(session, ours, "Sam Steward"),
        "admin": make_member(session, ours, "Ada Admin", is_admin=True),
        "foreign": make_member(session, theirs, f"Carol {FOREIGN}"),
        "other": make_member(session, theirs, f"Dora {FOREIGN}"),
    }


def _signed(question_id: int) -> str:
    """Return a hit as a page sends it back, even of a question that was never shown."""
    return sign(ShownHit(question_id, None, 0.5, 0.1, 0.9))


def _thread(session: Session, space: Space, canary: str, asker: Member, answerer: Member) -> Thing:
    question = questions.post_question(
        session,
        space=space,
        author=asker,
        title=f"Which torque wrench for the {canary}?",
        body=f"Torque of {canary}.",
        topic_names=[canary],
        visibility=Visibility(space.visibility),
        at=NOON,
    )
    answer = answers.post_answer(
        session, question=question, author=answerer, body=f"The torque wrench {canary}.", at=NOON
    )
    picture = add_picture(session, answer, answerer)
    session.add(Review(answer_id=answer.id, risk=1, reasons="old", created_at=NOON))
    remark = comments.post_comment(
        session, parent=question, author=asker, body=f"Torque {canary}.", at=NOON
    )
    gone = answers.post_answer(
        session, question=question, author=answerer, body=f"No torque, {canary}.", at=NOON
    )
    answers.delete_answer(session, answer=gone, by=answerer, at=NOON)
    return {
        "deleted": gone.id,
        "space": space.id,
        "question": question.id,
        "answer": answer.id,
        "post": answer.id,
        "guide": _guide(session, question, canary),
        "comment": remark.id,
        "picture": picture,
        "masked": _ask_masked(session, space, canary, asker),
        "topic": canary,
        "kept_topic": question.topics[0].id,
        "topic_id": question.topics[0].id,
        "hit": _signed(question.id),
    }


def _guide(session: Session, question: Question, canary: str) -> int:
    """Make a guide from a thread; returns its id."""
    space = question.space
    guide = Guide(
        organization_id=space.organization_id, space=space, title=f"All on torque {canary}",
        visibility=space.visibility, created_at=NOON, active_at=NOON, plain=f"Torque {canary}.",
    )  # fmt: skip
    session.add(guide)
    session.flush()
    session.add(GuideSource(guide_id=guide.id, question_id=question.id))
    session.flush()
    return guide.id


def _ask_masked(session: Session, space: Space, canary: str, asker: Member) -> int:
    """Ask a question that names nobody; returns its id."""
    question, _is_new = ask_anonymously(
        session, space=space, author=asker, title=f"Who pays for the {canary}?", body="",
        topic_names=[], visibility=Visibility(space.visibility), key=instance_key(), at=NOON,
    )  # fmt: skip
    return question.id


def _connect_lms(session: Session, organization: Organization, canary: str) -> Thing:
    """Make an LMS with a deployment that waits, and a launch that was refused."""
    platform = make_platform(session, organization, "10.255.0.1", client_id=canary, name=canary)
    deployment = add_deployment(session, platform=platform, deployment_id=canary, at=NOON)
    attempt = Attempt(place=canary)
    attempt.reach(platform)
    attempt.enter(deployment)
    launch_log.record(session, attempt, DeploymentWaiting(), at=NOON)
    token = make_invitation(session, organization, utc_now())
    invitation = find_invitation(session, token, utc_now())
    return {
        "platform": platform.id,
        "deployment": deployment.id,
        "open_invitation": invitation.id,
    }


def _open_courses(session: Session, space: Space, steward: Member) -> Thing:
    """Return a course with this board that was copied, and a picker of its steward."""
    organization = session.get_one(Organization, space.organization_id)
    campus = make_campus(session, organization)
    copy = campus.course("copy", space.name)
    copy.copied_from_id = campus.course("original", f"Original {OPEN}").id
    return {"copy": copy.id, "picking": campus.open_picker(copy, steward, at=utc_now())}


def _answer_and_leave(session: Session, member: Member, space: Space) -> None:
    """Write and be told of something in the closed space, and leave it."""
    named = Question.is_masked.is_(False)
    closed = session.scalars(
        select(Question).where(Question.space_id == space.id, Question.kind == "question", named)
    ).one()
    answer = answers.post_answer(
        session, question=closed, author=member, body=f"Torque, {CLOSED}.", at=NOON
    )
    notifications.notify(session, member, reason="accepted", post=answer, at=NOON)
    member.memberships.clear()
    session.flush()
