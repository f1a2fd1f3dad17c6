"""A gradebook as strict as Moodle's, behind the fake LMS, and a course that has one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from sqlalchemy import select

from lti.grading import grade_delivery, grades
from lti.grading.grade_messages import LINE_ITEM, SCORE
from lti.models import Account, Context, GradeDelivery, LineItem
from lti.people.accounts import find_or_make_account
from lti.people.enrolment import enter_course
from peerqa import outbox
from peerqa.models import Member
from peerqa.models.space import Role
from peerqa.services import members
from peerqa.services.grades import GRADE, set_score
from tests.conftest import NOON, make_member
from tests.lti.fake_lms import Answer, FakeLms, Request
from tests.lti.services import Course, make_course

ITEMS = "/items"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORES = "application/vnd.ims.lis.v1.score+json"


@dataclass
class FakeGradebook:
    """Columns and scores; `spoilt` is answered first, then it works."""

    lms: FakeLms
    course: Course
    columns: dict[str, dict[str, object]] = field(default_factory=dict)
    taken: list[dict[str, object]] = field(default_factory=list)  # every score, in order
    newest: dict[str, datetime] = field(default_factory=dict)
    spoilt: list[Answer] = field(default_factory=list)  # of scores
    spoilt_items: list[Answer] = field(default_factory=list)
    behind_seconds: float = 0  # of the platform's clock
    learners: set[str] = field(default_factory=lambda: {"ann", "ben"})
    on_score: object = None

    def __post_init__(self) -> None:
        self.lms.routes[ITEMS] = self._items

    def now(self) -> datetime:
        return self.course.at - timedelta(seconds=self.behind_seconds)

    def _answer(self, status: int = 200, body: object = b"") -> Answer:
        return Answer(status, body, date=format_datetime(self.now(), usegmt=True))

    def _items(self, request: Request) -> Answer:
        if self.spoilt_items:
            return self.spoilt_items.pop(0)
        if request.method == "GET":
            assert request.headers["Accept"] == CONTAINER
            return self._answer(body=list(self.columns.values()))
        assert (request.headers["Content-Type"], request.headers["Accept"]) == (ITEM, ITEM)
        path = f"{ITEMS}/{len(self.columns) + 1}/lineitem"
        column = request.json | {"id": f"{self.lms.url}{path}?type_id=3"}
        self.columns[path] = column
        self.lms.routes[path] = self._item
        self.lms.routes[f"{path}/scores"] = self._scores
        return self._answer(201, column)

    def _item(self, request: Request) -> Answer:
        if self.spoilt_items:
            return self.spoilt_items.pop(0)
        column = self.columns.get(request.path.partition("?")[0])
        return self._answer(body=column) if column else self._answer(404)

    def _scores(self, request: Request) -> Answer:
        assert request.path.endswith("/scores?type_id=3")
        assert request.headers["Content-Type"] == SCORES
        if callable(self.on_score):
            self.on_score()
        if self.spoilt:
            return self.spoilt.pop(0)
        if request.path.removesuffix("/scores?type_id=3") not in self.columns:
            return self._answer(404)
        score = request.json
        at = datetime.fromisoformat(score["timestamp"])
        assert at.tzinfo is not None
        if score["userId"] not in self.learners:
            return self._answer(400)
        if score["userId"] in self.newest and at <= self.newest[score["userId"]]:
            return self._answer(409)
        assert score["gradingProgress"] == "FullyGraded"
        self.newest[score["userId"]] = at
        self.taken.append(score)
        return self._answer(200)

    def shown(self) -> dict[object, object]:
        """Return what people see: the last score of each."""
        return {score["userId"]: score["scoreGiven"] for score in self.taken}


@dataclass
class Graded:
    """A course with a gradebook, its steward, and Ann and Ben who learn there."""

    course: Course
    book: FakeGradebook
    steward: Member
    people: dict[str, Member]

    def score(self, subject: str, given: float, *, comment: str = "") -> None:
        set_score(
            self.course.session, member=self.people[subject], space=self.course.context.space,
            given=given, maximum=10, comment=comment, at=self.course.at,
        )  # fmt: skip
        self.course.session.commit()

    def switch_on(self) -> LineItem:
        row = grades.switch_on(
            self.course.session, self.course.context, by=self.steward, at=self.course.at
        )
        self.course.session.commit()
        return row

    def work(self) -> int:
        """Let the worker take its turn: the outbox, then the queue."""
        outbox.drain(
            {GRADE: lambda keys: grade_delivery.note_all(keys, now=self.course.now)},
            now=self.course.now,
        )
        return grade_delivery.deliver_due(now=self.course.now)

    def row(self, subject: str) -> GradeDelivery | None:
        self.course.session.expire_all()
        return self.course.session.scalars(
            select(GradeDelivery).join(GradeDelivery.account).where(Account.subject == subject)
        ).one_or_none()

    def column(self) -> LineItem:
        self.course.session.expire_all()
        return self.course.session.scalars(
            select(LineItem).where(LineItem.context_id == self.course.context.id)
        ).one()


def offer(course: Course) -> Context:
    course.context.line_items_url = f"{course.lms.url}{ITEMS}"
    course.context.grade_scopes = [LINE_ITEM, SCORE]
    return course.context


def make_graded(session, organization, lms: FakeLms, *, issuer: str = "") -> Graded:
    course = make_course(session, organization, lms, issuer=issuer)
    context = offer(course)
    people = {}
    for subject, role in (("ann", "Learner"), ("ben", "Learner"), ("tim", "Instructor")):
        account = find_or_make_account(
            session, platform=course.platform, organization=organization, subject=subject,
            name=subject.title(), email=None, at=NOON,
        )  # fmt: skip
        enter_course(session, account, context, received=(role,), rules={}, at=NOON)
        people[subject] = account.member
    steward = make_member(session, organization, f"Sam {issuer}")
    steward.email = None
    members.join_space(session, member=steward, space=context.space, role=Role.STEWARD)
    session.commit()
    return Graded(course, FakeGradebook(lms, course), steward, people)


def work_until_quiet(graded: Graded, *, hours: float = 12) -> int:
    """Let the worker work whenever something is due; returns how often."""
    end = graded.course.at + timedelta(hours=hours)
    for turn in range(200):
        graded.work()
        due_at = graded.column().due_at
        if due_at is None or due_at > end:
            return turn
        graded.course.at = max(due_at, graded.course.at + timedelta(seconds=1))
    raise AssertionError("it does not come to an end")
