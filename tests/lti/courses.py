"""Courses of a platform, and launches out of them, as a verified launch describes them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti.launching.launch import Course, DeepLinking, Launch, Link, Message
from lti.models import Context, Deployment, Picking, Platform
from lti.models.platform import DeploymentState
from lti.placing import placements
from peerqa.models import Member, Organization, Space
from peerqa.models.space import Role, Visibility
from peerqa.secrets import hash_token, new_token
from peerqa.services import members, spaces
from tests.conftest import NOON

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ISSUER = "https://lms.example.org"
RETURN_URL = "https://lms.example.org/mod/lti/contentitem_return.php?course=7"
OFFER = DeepLinking(
    return_url=RETURN_URL,
    accepts_types=("ltiResourceLink",),
    accepts_targets=("iframe", "window"),
    accepts_several=False,
    accepts_line_item=False,
    data=None,
)


@dataclass(frozen=True)
class Campus:
    """A platform with one deployment of an organization."""

    session: Session
    platform: Platform
    deployment: Deployment

    def course(self, id: str, title: str, **more: Visibility) -> Context:
        space = spaces.make_space(
            self.session, organization=self.deployment.organization, name=title, at=NOON, **more
        )
        context = Context(
            deployment=self.deployment,
            context_id=id,
            space=space,
            title=title,
            created_at=NOON,
            launched_at=NOON,
            grade_scopes=[],
        )
        self.session.add(context)
        self.session.flush()
        return context

    def launch(
        self,
        context: Context | None,
        *,
        custom: dict[str, str] | None = None,
        history: tuple[str, ...] = (),
        link: Link | None = None,
        offer: DeepLinking | None = None,
    ) -> Launch:
        course = Course(context.context_id, context.title, history) if context else None
        return Launch(
            issuer=self.platform.issuer,
            client_id=self.platform.client_id,
            deployment_id=self.deployment.deployment_id,
            message=Message.DEEP_LINKING if offer else Message.RESOURCE,
            target="http://localhost:8000/lti/launch",
            subject="sub-1",
            name=None,
            email=None,
            roles=(),
            course=course,
            link=None if offer else link or Link("link-1", "Ask colleagues"),
            deep_linking=offer,
            custom=custom or {},
        )

    def open_picker(self, context: Context, member: Member, *, at: datetime) -> str:
        """Return the key of a picker, as a request of the platform opens one."""
        key = new_token()
        self.session.add(
            Picking(
                key_hash=hash_token(key),
                member=member,
                deployment=self.deployment,
                context=context,
                return_url=OFFER.return_url,
                accepts_types=list(OFFER.accepts_types),
                accepts_targets=list(OFFER.accepts_targets),
                accepts_several=OFFER.accepts_several,
                accepts_line_item=OFFER.accepts_line_item,
                created_at=at,
                expires_at=at + timedelta(hours=1),
            )
        )
        self.session.flush()
        return key


def make_campus(session: Session, organization: Organization, *, issuer: str = ISSUER) -> Campus:
    platform = Platform(
        organization=organization,
        name="Campus",
        issuer=issuer,
        client_id="peerqa-1",
        authorization_url=f"{issuer}/auth",
        token_url=f"{issuer}/token",
        keys_url=f"{issuer}/keys",
        scopes=[],
        created_at=NOON,
    )
    deployment = Deployment(
        platform=platform,
        deployment_id="1",
        organization=organization,
        state=DeploymentState.APPROVED,
        created_at=NOON,
    )
    session.add_all([platform, deployment])
    session.flush()
    return Campus(session, platform, deployment)


def keep(session: Session, member: Member, space: Space) -> Member:
    members.join_space(session, member=member, space=space, role=Role.STEWARD)
    return member


def offering(**changes: object) -> DeepLinking:
    return replace(OFFER, **changes)


def items_of(claims):
    return claims[f"{DL}content_items"]


def pick_of(thing):
    return f"{placements.kind_of(thing).value}-{thing.id}"
