"""What an LMS role makes of somebody here: a table of full URIs; what is not in it is a learner.

LTI Core 1.3 section 5.3.7 and appendix A.2 (vocabularies; simple names are legal for roles of the
course alone). The role in the course decides in its space: an institution's instructor is a learner
where the course says so. A sub-role stands for its principal role (membership/Learner#Instructor is
a learner that may teach a little), but for graders. An organization's own rules come first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.models import RoleRule
from peerqa.models.space import Role

_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
_COURSE = f"{_LIS}membership"
_INSTRUCTORS = (
    "Instructor", "ExternalInstructor", "GuestInstructor", "Lecturer", "PrimaryInstructor",
    "SecondaryInstructor", "TeachingAssistant", "TeachingAssistantGroup",
    "TeachingAssistantOffering", "TeachingAssistantSection",
    "TeachingAssistantSectionAssociation", "TeachingAssistantTemplate",
)  # fmt: skip
_DEVELOPERS = ("ContentDeveloper", "ContentExpert", "ExternalContentExpert", "Librarian")

STEWARDS = frozenset(
    {f"{_COURSE}#{name}" for name in ("Administrator", "ContentDeveloper", *_INSTRUCTORS)}
    | {f"{_COURSE}/Administrator#{name}" for name in ("Administrator", "SystemAdministrator")}
    | {f"{_COURSE}/Instructor#{name}" for name in _INSTRUCTORS}
    | {f"{_COURSE}/ContentDeveloper#{name}" for name in _DEVELOPERS}
)
ADMINISTRATORS = frozenset(
    {
        f"{_LIS}institution/person#Administrator",
        f"{_LIS}system/person#Administrator",
        f"{_LIS}system/person#SysAdmin",
    }
)
TEST_USERS = frozenset({"http://purl.imsglobal.org/vocab/lti/system/person#TestUser"})
# Of the course; any other word is unknown, and unknown is never a teacher.
SHORT_NAMES = frozenset(
    {
        "Administrator", "ContentDeveloper", "Grader", "Instructor", "Learner", "Manager",
        "Member", "Mentor", "Observer", "Officer", "TeachingAssistant",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What the received roles make of somebody.

    Attributes:
        role: in the course's space.
        is_administrator: of the institution or the LMS; counts where the registration is trusted.
        is_test: the LMS's made-up student.
    """

    role: Role
    is_administrator: bool
    is_test: bool


def full_uri(role: str) -> str:
    """Return the URI of a role that may have come by its simple name."""
    return f"{_COURSE}#{role}" if role in SHORT_NAMES else role


def judge(received: Iterable[str], rules: Mapping[str, Role]) -> Standing:
    """Return what somebody with these roles is; of several, the one that may most.

    Args:
        received: URIs or simple names, as the platform sent them.
        rules: of the organization: full URI → role.
    """
    roles = {full_uri(role) for role in received}
    becomes = {
        rules.get(role, Role.STEWARD if role in STEWARDS else Role.LEARNER) for role in roles
    }
    return Standing(
        role=Role.STEWARD if Role.STEWARD in becomes else Role.LEARNER,
        is_administrator=not roles.isdisjoint(ADMINISTRATORS),
        is_test=not roles.isdisjoint(TEST_USERS),
    )


def read_rules(session: Session, organization_id: int) -> dict[str, Role]:
    """Return what the organization makes of roles otherwise than the table."""
    rows: Sequence[RoleRule] = session.scalars(
        select(RoleRule).where(RoleRule.organization_id == organization_id)
    ).all()
    return {full_uri(row.role): Role(row.becomes) for row in rows}
