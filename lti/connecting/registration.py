"""Registrations of LMSs: platforms and their deployments.

A platform is known by (issuer, client id). Its deployments wait until an admin says which
organization's people come from there; one that came with the registration itself is approved,
since the same admin made both.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from lti.connecting.addresses import read_address, read_id, read_issuer
from lti.models import Context, Deployment, Platform
from lti.models.platform import DeploymentState
from peerqa.errors import N_, Conflict, Invalid, NotFound
from peerqa.models import Organization
from peerqa.services.organizations import read_name

MAX_PARAMETER = 100


class AlreadyRegistered(Conflict):
    """There is a registration with this issuer and client id."""

    code = "already-registered"


def register_platform(
    session: Session,
    *,
    organization: Organization,
    issuer: str,
    client_id: str,
    authorization_url: str,
    token_url: str,
    keys_url: str,
    at: datetime,
    name: str = "",
    product: str = "",
    token_audience: str | None = None,
    scopes: Sequence[str] = (),
    trusts_administrators: bool = False,
    https_only: bool = True,
) -> Platform:
    """Keep a registration.

    Args:
        name: the issuer's host when empty.
        token_audience: for whom access token requests are signed, where not the token address.
        https_only: everywhere but in the demo.

    Raises:
        Invalid: a value cannot be used; it names the field.
        AlreadyRegistered: there is one with this issuer and client id.
    """
    issuer = read_issuer(issuer, https_only=https_only)
    platform = Platform(
        organization=organization,
        name=read_name(name.strip() or issuer.partition("://")[2]),
        product=product.strip()[:100],
        issuer=issuer,
        client_id=read_id(client_id, field="client_id"),
        authorization_url=read_address(
            authorization_url, field="authorization_url", https_only=https_only
        ),
        token_url=read_address(token_url, field="token_url", https_only=https_only),
        token_audience=_read_optional(token_audience, field="token_audience"),
        keys_url=read_address(keys_url, field="keys_url", https_only=https_only),
        scopes=list(scopes),
        trusts_administrators=trusts_administrators,
        created_at=at,
    )
    _add(session, platform)
    return platform


def _add(session: Session, platform: Platform) -> None:
    try:
        with session.begin_nested():
            session.add(platform)
    except IntegrityError:  # two at once; the constraint decides
        raise AlreadyRegistered(
            N_("An LMS with this issuer and this client id is registered already."),
            field="client_id",
        ) from None


def add_deployment(
    session: Session,
    *,
    platform: Platform,
    deployment_id: str,
    at: datetime,
    state: DeploymentState = DeploymentState.WAITING,
) -> Deployment:
    """Return the deployment of this id, made when missing; one that is there stays as it is.

    Raises:
        Invalid: the id cannot be one.
    """
    deployment_id = read_id(deployment_id, field="deployment_id")
    found = find_deployment(session, platform, deployment_id)
    if found is not None:
        return found
    made = Deployment(
        platform=platform,
        deployment_id=deployment_id,
        organization_id=platform.organization_id,
        state=state,
        created_at=at,
        decided_at=None if state is DeploymentState.WAITING else at,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # two at once
        found = find_deployment(session, platform, deployment_id)
        assert found is not None
        return found
    return made


def find_deployment(session: Session, platform: Platform, deployment_id: str) -> Deployment | None:
    """Return the deployment that a launch names, or None."""
    return session.scalars(
        select(Deployment)
        .where(Deployment.platform_id == platform.id, Deployment.deployment_id == deployment_id)
        .options(joinedload(Deployment.organization))
    ).one_or_none()


def approve(
    session: Session, deployment: Deployment, at: datetime, *, into: Organization | None = None
) -> None:
    """Let people come from there into the deployment's organization.

    Args:
        into: the organization whose people they are; by default that of the platform's admins.
            Only who runs PeerQA chooses: one Blackboard or Canvas client may serve several.

    Raises:
        Conflict: courses from there are in another organization already.
    """
    if into is not None and into.id != deployment.organization_id:
        courses = select(Context.id).where(Context.deployment_id == deployment.id).limit(1)
        if session.scalar(courses) is not None:
            raise Conflict(
                N_("Courses from there are in another organization already, and stay there."),
                field="into",
            )
        deployment.organization = into
    _decide(session, deployment, DeploymentState.APPROVED, at)


def refuse(session: Session, deployment: Deployment, at: datetime) -> None:
    """Let nobody come from there; who came before stays a member."""
    _decide(session, deployment, DeploymentState.REFUSED, at)


def _decide(session: Session, deployment: Deployment, state: DeploymentState, at: datetime) -> None:
    if deployment.state != state:
        deployment.state = state
        deployment.decided_at = at
    session.flush()


def disable(session: Session, platform: Platform, at: datetime) -> None:
    """Refuse every launch of the platform; harmless twice."""
    platform.disabled_at = platform.disabled_at or at
    session.flush()


def enable(session: Session, platform: Platform) -> None:
    """Take launches of the platform again; harmless twice."""
    platform.disabled_at = None
    session.flush()


def change_platform(
    session: Session,
    platform: Platform,
    *,
    name: str,
    trusts_administrators: bool,
    department_parameter: str | None,
) -> None:
    """Change what PeerQA makes of a platform.

    Raises:
        Invalid: the name or the parameter cannot be used.
    """
    platform.name = read_name(name)
    platform.trusts_administrators = trusts_administrators
    parameter = (department_parameter or "").strip()
    if len(parameter) > MAX_PARAMETER or not parameter.isprintable():
        raise Invalid(
            N_("A parameter's name has at most %(most)s characters."),
            field="department_parameter",
            most=MAX_PARAMETER,
        )
    platform.department_parameter = parameter or None
    session.flush()


def list_platforms(session: Session, organization_id: int) -> Sequence[Platform]:
    """Return what the organization's admins keep, and what its people come from; oldest first."""
    from_there = exists().where(
        Deployment.platform_id == Platform.id, Deployment.organization_id == organization_id
    )
    return session.scalars(
        select(Platform)
        .where(or_(Platform.organization_id == organization_id, from_there))
        .order_by(Platform.id)
    ).all()


def get_platform(session: Session, organization_id: int, platform_id: int) -> Platform:
    """Return a platform that the organization's admins keep.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.scalars(
        select(Platform).where(
            Platform.id == platform_id, Platform.organization_id == organization_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such LMS here."), platform=platform_id)
    return found


def list_deployments(session: Session, organization_id: int) -> Sequence[Deployment]:
    """Return the organization's deployments, those that wait first, then the oldest."""
    return session.scalars(
        select(Deployment)
        .where(Deployment.organization_id == organization_id)
        .options(joinedload(Deployment.platform))
        .order_by((Deployment.state != DeploymentState.WAITING), Deployment.id)
    ).all()


def list_deployments_of(session: Session, platform: Platform) -> Sequence[Deployment]:
    """Return all deployments of a platform, of other organizations too; oldest first."""
    return session.scalars(
        select(Deployment)
        .where(Deployment.platform_id == platform.id)
        .options(joinedload(Deployment.organization))
        .order_by(Deployment.id)
    ).all()


def get_deployment(session: Session, organization_id: int, row_id: int) -> Deployment:
    """Return a deployment of the organization.

    Args:
        row_id: ours, not the platform's.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(
        select(Deployment)
        .where(Deployment.id == row_id, Deployment.organization_id == organization_id)
        .options(joinedload(Deployment.platform))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such deployment here."), deployment=row_id)
    return found


def _read_optional(text: str | None, *, field: str) -> str | None:
    return read_id(text, field=field) if text and text.strip() else None
