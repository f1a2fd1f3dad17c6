"""PeerQA's rosters and scores at the demo LMS, which is as strict as the texts and Moodle."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from lti.connecting.registration import add_deployment, register_platform
from lti.grading import grade_delivery, grades
from lti.grading.grade_messages import LINE_ITEM, SCORE
from lti.models import Account, Context, Enrolment, GradeDelivery, LineItem
from lti.models.platform import DeploymentState
from lti.people import roster
from lti.services import keys
from peerqa import outbox
from peerqa.clock import utc_now
from peerqa.demo.lms import Lms, LmsConfig, create_lms
from peerqa.demo.lms.serving import QuietHandler
from peerqa.demo.registration import CLIENT_ID, registration_of
from peerqa.gate import instance_key
from peerqa.models import Member
from peerqa.models.space import Role
from peerqa.outgoing import Client
from peerqa.services import members, spaces
from peerqa.services.grades import GRADE, set_score
from tests.conftest import make_member

COURSE = "c-201"

# What the databases do about scores: tests/lti; here the LMS is what matters.
pytestmark = pytest.mark.parametrize(
    "database_kind",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
    indirect=True,
)


@dataclass
class Class:
    """A course of the LMS as PeerQA has it, in a time that both share."""

    session: Session
    lms: Lms
    context: Context
    steward: Member
    now: datetime

    def read_roster(self) -> None:
        self.context.roster_due_at = self.now
        self.session.commit()
        roster.read_due(now=lambda: self.now)
        self.session.expire_all()

    def work(self, *, hours: float = 0) -> None:
        """Let the worker work, and go on whenever something is due within these hours."""
        end = self.now + timedelta(hours=hours)
        while True:
            outbox.drain(
                {GRADE: lambda found: grade_delivery.note_all(found, now=lambda: self.now)},
                now=lambda: self.now,
            )
            grade_delivery.deliver_due(now=lambda: self.now)
            self.session.expire_all()
            due_at = self.session.scalars(select(LineItem.due_at)).one()
            if due_at is None or due_at > end:
                return
            self.now = max(due_at, self.now + timedelta(seconds=1))

    def score(self, subject: str, given: float) -> None:
        account = self.session.scalars(select(Account).where(Account.subject == subject)).one()
        set_score(
            self.session, member=account.member, space=self.context.space, given=given,
            maximum=10, at=self.now,
        )  # fmt: skip
        self.session.commit()

    def learners(self) -> list[str]:
        """Return the subjects of who can be graded there."""
        course = self.lms.world.courses[COURSE]
        people = [m.person for m in course.members if "Learner" in m.roles and m.state == "Active"]
        return [self.lms.world.people[key].id for key in people]

    def shown(self) -> dict[str, float]:
        """Return the gradebook: what people see, by subject."""
        return {
            self.lms.world.people[key].id: score.given
            for column in self.lms.world.columns.values()
            if column.tag == "peerqa"
            for key, score in column.scores.items()
            if score.is_visible and score.given is not None
        }


@pytest.fixture
def class_(app, settings, session, organization, monkeypatch) -> Iterator[Class]:
    now = utc_now()
    session.commit()
    keys.keep_going(instance_key(), at=now)
    published = [row.public for row in keys.list_published(session, at=now)]
    chosen = Client(settings.model_copy(update={"demo": True}))
    monkeypatch.setitem(app.extensions, "peerqa.outgoing", chosen)
    taught: list[Class] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = LmsConfig(
            address, "http://localhost:8000", hang_seconds=6, now=lambda: taught[0].now,
            fetch=lambda _url: json.dumps({"keys": published}).encode(),
        )  # fmt: skip
        lms_app = create_lms(config)
        server = make_server(
            "127.0.0.1", listener.getsockname()[1], lms_app, threaded=True, fd=listener.fileno(),
            request_handler=QuietHandler,
        )  # fmt: skip
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = open_course(session, organization, address, at=now)
        steward = make_member(session, organization, "Sam Steward")
        members.join_space(session, member=steward, space=context.space, role=Role.STEWARD)
        session.commit()
        taught.append(Class(session, lms_app.extensions["lms"], context, steward, now))
        try:
            yield taught[0]
        finally:
            server.shutdown()


def open_course(session, organization, address: str, *, at: datetime) -> Context:
    known = asdict(registration_of(address))
    deployment_id, _ = known.pop("deployment_id"), known.pop("courses")
    platform = register_platform(
        session, organization=organization, https_only=False, at=at, **known
    )
    context = Context(
        deployment=add_deployment(
            session, platform=platform, deployment_id=deployment_id, at=at,
            state=DeploymentState.APPROVED,
        ),
        context_id=COURSE, title="Workshop floor", created_at=at, launched_at=at,
        space=spaces.make_space(session, organization=organization, name="Floor", at=at),
        roster_url=f"{address}/lti/courses/{COURSE}/memberships?client={CLIENT_ID}",
        roster_due_at=at,
        line_items_url=f"{address}/lti/courses/{COURSE}/lineitems?client={CLIENT_ID}",
        grade_scopes=[LINE_ITEM, SCORE],
    )  # fmt: skip
    session.add(context)
    session.flush()
    return context


def test_everybody_on_every_page_comes_in_and_who_leaves_is_marked(class_: Class, session):
    class_.read_roster()
    course = class_.lms.world.courses[COURSE]
    there = {class_.lms.world.people[m.person].id for m in course.members if m.state == "Active"}

    assert class_.context.roster_error is None
    assert len(there) > class_.lms.switches.page_size
    present = select(Account.subject).join(Enrolment, Enrolment.account_id == Account.id)
    assert set(session.scalars(present.where(Enrolment.left_at.is_(None)))) == there

    gone = next(m for m in course.members if "Learner" in m.roles and m.state == "Active")
    gone.state = "Inactive"
    class_.read_roster()
    left = session.scalars(present.where(Enrolment.left_at.is_not(None))).all()
    assert left == [class_.lms.world.people[gone.person].id]


def test_scores_stand_in_the_gradebook(class_: Class, session):
    class_.read_roster()
    grades.switch_on(session, class_.context, by=class_.steward, at=class_.now)
    for number, subject in enumerate(class_.learners()):
        class_.score(subject, number)
    class_.work(hours=1)
    assert class_.shown() == {s: n for n, s in enumerate(class_.learners())}

    class_.now += timedelta(minutes=1)
    class_.score(class_.learners()[0], 9)
    class_.work(hours=1)
    assert class_.shown()[class_.learners()[0]] == 9
    assert set(session.scalars(select(GradeDelivery.state))) == {"delivered"}


@pytest.mark.parametrize(
    ("service", "status", "more"),
    [
        ("scores", 500, {"times": 2}), ("scores", 429, {"retry_after": 30}), ("scores", 401, {}),
        ("scores", 409, {}), ("scores", 503, {}), ("items", 500, {}), ("items", 401, {}),
        ("token", 503, {}), ("token", 429, {}), ("scores", 0, {}),
    ],
    ids=str,
)  # fmt: skip
def test_scores_come_there_after_a_failure(class_: Class, session, service, status, more):
    class_.read_roster()
    grades.switch_on(session, class_.context, by=class_.steward, at=class_.now)
    class_.lms.fail(service, status, **more)
    if service == "token":
        class_.lms.granted.clear()
    for number, subject in enumerate(class_.learners()):
        class_.score(subject, number)
    class_.work(hours=3)

    assert class_.shown() == {s: n for n, s in enumerate(class_.learners())}


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_clocks_may_differ(class_: Class, session, seconds):
    class_.read_roster()
    class_.lms.granted.clear()
    class_.lms.switches.clock_ahead_seconds = seconds
    grades.switch_on(session, class_.context, by=class_.steward, at=class_.now)
    learner = class_.learners()[0]
    for given in (1, 2):
        class_.score(learner, given)
        class_.work(hours=1)
        class_.now += timedelta(minutes=1)

    item = session.scalars(select(LineItem)).one()
    assert class_.shown() == {learner: 2}, item.error


def test_a_token_that_expired_is_replaced(class_: Class, session):
    class_.read_roster()
    grades.switch_on(session, class_.context, by=class_.steward, at=class_.now)
    learner = class_.learners()[0]
    class_.score(learner, 1)
    class_.work(hours=1)
    class_.lms.granted.clear()
    class_.now += timedelta(minutes=1)
    class_.score(learner, 2)
    class_.work()

    assert class_.shown() == {learner: 2}
