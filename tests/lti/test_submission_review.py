"""A submission review opens what somebody contributed who is, or was, in that course."""

from dataclasses import replace

import pytest

from lti.grading import grades
from tests.conftest import NOON
from tests.lti.courses import make_campus
from tests.lti.gradebook import Graded, make_graded
from tests.lti.services import one_key

assert one_key


@pytest.fixture
def graded(session, organization, lms) -> Graded:
    return make_graded(session, organization, lms)


def test_a_submission_review_opens_whoever_was_in_the_course(graded, session, organization, lms):
    campus = make_campus(session, organization, issuer="https://x.example")

    def reviewed(subject: str | None, platform, context=graded.course.context):
        launch = campus.launch(context)
        found = grades.find_reviewed(session, replace(launch, for_user=subject), platform, context)
        return found.name if found else None

    graded.course.enrolment("ben").left_at = NOON
    session.flush()
    ours = graded.course.platform
    other = make_graded(session, organization, lms, issuer="https://second.example")
    assert reviewed("ann", ours) == "Ann"
    assert reviewed("ben", ours) == "Ben"
    assert reviewed("nobody", ours) is None
    assert reviewed("ANN", ours) is None
    assert reviewed(None, ours) is None
    assert reviewed("ann", ours, None) is None
    assert reviewed("ann", other.course.platform) is None
