"""What a verified launch says, as frozen values. No claim's address leaves lti/launching/claims.py.

LTI Core 1.3 section 5.3 and 5.4; Deep Linking 2.0 section 4.4.1; NRPS 2.0 section 3.6.1.1; AGS 2.0
section 3.1. What the platform did not send is None or empty, and so is what it left as a literal
"$Variable.name" because it does not know that variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Message(StrEnum):
    """The kinds of launches."""

    RESOURCE = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


@dataclass(frozen=True)
class Course:
    """An LTI context."""

    id: str
    title: str
    history: tuple[str, ...] = ()  # ids of the contexts that it was copied from, the newest first


@dataclass(frozen=True)
class Link:
    """An LTI resource link: one place in the LMS that opens PeerQA."""

    id: str  # at most 255 characters
    title: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeepLinking:
    """What the platform takes from the picker."""

    return_url: str
    accepts_types: tuple[str, ...]
    accepts_targets: tuple[str, ...]  # presentation document targets: iframe, window …
    accepts_several: bool
    accepts_line_item: bool
    data: str | None  # echoed only when it was sent


@dataclass(frozen=True)
class GradeService:
    """AGS, as this launch offers it."""

    scopes: tuple[str, ...]
    line_items_url: str | None
    line_item_url: str | None  # the column coupled to this link


@dataclass(frozen=True)
class Launch:
    """One verified launch.

    Attributes:
        subject: None for an anonymous launch.
        roles: URIs as received.
        custom: custom parameters; names in the platform's spelling.
        origins: of pages that the platform's signed claims name; they may frame PeerQA.
        for_user: of a submission review: the subject whose work is reviewed.
    """

    issuer: str
    client_id: str
    deployment_id: str
    message: Message
    target: str
    subject: str | None
    name: str | None
    email: str | None
    roles: tuple[str, ...]
    course: Course | None
    link: Link | None
    locale: str | None = None
    product: str | None = None
    return_url: str | None = None
    roster_url: str | None = None
    grades: GradeService | None = None
    deep_linking: DeepLinking | None = None
    for_user: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    origins: tuple[str, ...] = ()
