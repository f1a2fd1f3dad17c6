"""The demo LMS, registered with the demo company, so that a newcomer's first launch works.

Handed to `peerqa demo` by app.py. The demo LMS itself knows nothing of this package.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.connecting.registration import add_deployment, register_platform
from lti.models import Context, Deployment, Origin, Platform
from lti.models.platform import DeploymentState
from lti.people.courses import find_context
from peerqa.models import Organization, Space


def seed(
    session: Session,
    *,
    name: str,
    issuer: str,
    client_id: str,
    deployment_id: str,
    authorization_url: str,
    token_url: str,
    keys_url: str,
    scopes: Sequence[str],
    courses: Mapping[str, str],
    at: datetime,
) -> None:
    """Register the demo LMS, or follow it to another port; harmless twice.

    Args:
        courses: context id → title. Where the company has a space of that title, the course is
            that space from the beginning, so that nobody's first launch shows an empty board.
    """
    organization = session.scalars(select(Organization).where(Organization.is_demo)).one()
    platform = session.scalars(
        select(Platform).where(
            Platform.organization_id == organization.id, Platform.client_id == client_id
        )
    ).one_or_none()
    if platform is None:
        platform = register_platform(
            session, organization=organization, name=name, issuer=issuer, client_id=client_id,
            authorization_url=authorization_url, token_url=token_url, keys_url=keys_url,
            scopes=scopes, trusts_administrators=True, https_only=False, at=at,
        )  # fmt: skip
    elif platform.issuer != issuer:
        platform.issuer, platform.authorization_url = issuer, authorization_url
        platform.token_url, platform.keys_url = token_url, keys_url
    deployment = add_deployment(
        session, platform=platform, deployment_id=deployment_id, at=at,
        state=DeploymentState.APPROVED,
    )  # fmt: skip
    origins = session.scalars(select(Origin.origin).where(Origin.platform_id == platform.id)).all()
    if issuer not in origins:
        session.add(Origin(organization_id=organization.id, platform_id=platform.id, origin=issuer))
    session.flush()
    for context_id, title in courses.items():
        _join(session, deployment, context_id, title, at=at)


def _join(
    session: Session, deployment: Deployment, context_id: str, title: str, *, at: datetime
) -> None:
    space = session.scalars(
        select(Space).where(
            Space.organization_id == deployment.organization_id, Space.name == title
        )
    ).one_or_none()
    if space is None or find_context(session, deployment, context_id) is not None:
        return
    session.add(
        Context(
            deployment=deployment, context_id=context_id, space=space, title=title,
            created_at=at, launched_at=at, grade_scopes=[],
        )
    )  # fmt: skip
    session.flush()
