"""What tests of a platform's services share: a course whose services a fake LMS gives."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.models import Account, Context, Enrolment, Platform
from lti.people import roster
from lti.services import keys
from lti.services.service_tokens import Registration
from peerqa.models import Member
from tests.conftest import NOON
from tests.lti.courses import make_campus
from tests.lti.fake_lms import Answer, FakeLms

TOKEN, ROSTER = "/token", "/roster"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SUBJECTS = {"ann": "Ann", "ben": "Ben", "tim": "Tim Teacher"}
_FRESH: list[keys.FreshKey] = []


@pytest.fixture(autouse=True)
def one_key(monkeypatch):
    """Making a key is slow; one is made for all tests."""
    if not _FRESH:
        _FRESH.append(keys.make_fresh())
    monkeypatch.setattr(keys, "make_fresh", lambda: _FRESH[0])


def person(subject: str, *roles: str, **more: object) -> dict[str, object]:
    return {"user_id": subject, "roles": list(roles or ["Learner"]), "status": "Active", **more}


def page(*people: object, next: str | None = None, status: int = 200) -> Answer:
    headers = (("Link", f'<{next}>; rel="next"'),) if next else ()
    return Answer(status, {"id": "x", "context": {"id": "7"}, "members": list(people)}, headers)


@dataclass
class Course:
    """A course and its LMS, in a time that tests move."""

    session: Session
    lms: FakeLms
    context: Context
    at: datetime = field(default=NOON)

    @property
    def platform(self) -> Platform:
        return self.context.deployment.platform

    @property
    def registration(self) -> Registration:
        return Registration.of(self.platform)

    def now(self) -> datetime:
        return self.at

    def later(self, **more: float) -> None:
        self.at += timedelta(**more)

    def enrolment(self, subject: str) -> Enrolment | None:
        self.session.expire_all()
        return self.session.scalars(
            select(Enrolment)
            .join(Enrolment.account)
            .where(Account.subject == subject, Enrolment.context_id == self.context.id)
        ).one_or_none()

    def member(self, subject: str) -> Member:
        found = self.enrolment(subject)
        assert found is not None
        return found.account.member

    def names(self) -> list[str]:
        """Return who is here, by name."""
        self.session.expire_all()
        return sorted(
            self.session.scalars(
                select(Member.name)
                .join(Account, Account.member_id == Member.id)
                .join(Enrolment, Enrolment.account_id == Account.id)
                .where(Enrolment.context_id == self.context.id, Enrolment.left_at.is_(None))
            )
        )


def make_course(session: Session, organization, lms: FakeLms, *, issuer: str = "") -> Course:
    campus = make_campus(session, organization, issuer=issuer or lms.url)
    campus.platform.token_url = lms.url + TOKEN
    context = campus.course("7", "Safety")
    context.roster_url, context.roster_due_at = lms.url + ROSTER, NOON
    lms.answer(TOKEN, Answer(body={"access_token": "token", "expires_in": 3600}))
    session.commit()
    return Course(session, lms, context)


def read(course: Course, *pages: Answer) -> int:
    """Read the roster again, after its time."""
    if pages:
        course.lms.answer(ROSTER, *pages)
    course.context.roster_due_at = course.at
    course.session.commit()
    return roster.read_due(now=course.now)


def state(course: Course) -> Context:
    course.session.expire_all()
    return course.context
