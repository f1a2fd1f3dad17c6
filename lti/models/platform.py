"""Who may send people: platforms, their deployments, and the people as each platform knows them.

A platform is an LMS registration: issuer and client id. A deployment is one installation of the
tool in it; it belongs to an organization once an admin has approved it. One Canvas issuer serves
many companies, so it is never the issuer alone that decides.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models import Member, Organization


class DeploymentState(StrEnum):
    """Whether people may come from there."""

    WAITING = "waiting"  # seen in a launch, not yet approved by an admin
    APPROVED = "approved"
    REFUSED = "refused"


class Platform(Base):
    """An LMS registration. Ids are compared as they are: they are case-sensitive."""

    __tablename__ = "lti_platform"
    __table_args__ = (
        UniqueConstraint("issuer", "client_id"),
        Index("ix_lti_platform_organization_id", "organization_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id")
    )  # whose admins keep it
    name: Mapped[str]
    product: Mapped[str] = mapped_column(default="")  # product_family_code: moodle, canvas …
    issuer: Mapped[str]
    client_id: Mapped[str]
    authorization_url: Mapped[str]
    token_url: Mapped[str]
    token_audience: Mapped[str | None]  # where it is not the token URL (Brightspace)
    keys_url: Mapped[str]  # the platform's JWKS
    scopes: Mapped[list[str]] = mapped_column(JSON)  # granted at registration; launches say more
    trusts_administrators: Mapped[bool] = mapped_column(default=False)
    department_parameter: Mapped[str | None]  # the custom parameter that names the department
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()


class Deployment(Base):
    """One installation of the tool in a platform."""

    __tablename__ = "lti_deployment"
    __table_args__ = (
        UniqueConstraint("platform_id", "deployment_id"),
        Index("ix_lti_deployment_organization_id", "organization_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    deployment_id: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    state: Mapped[str] = mapped_column(default=DeploymentState.WAITING)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    platform: Mapped[Platform] = relationship()
    organization: Mapped[Organization] = relationship()


class Origin(Base):
    """An origin whose pages may frame PeerQA for an organization; learned from signed claims."""

    __tablename__ = "lti_origin"
    __table_args__ = (UniqueConstraint("organization_id", "origin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    origin: Mapped[str]  # scheme://host[:port]

    platform: Mapped[Platform] = relationship()


class Invitation(Base):
    """A registration address for one LMS: used once, by an organization's admin."""

    __tablename__ = "lti_invitation"
    __table_args__ = (Index("ix_lti_invitation_organization_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("lti_platform.id"))

    organization: Mapped[Organization] = relationship()


class RoleRule(Base):
    """What an organization makes of an LMS role, where that differs from lti/people/roles.py."""

    __tablename__ = "lti_role_rule"
    __table_args__ = (UniqueConstraint("organization_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    role: Mapped[str]  # the full URI
    becomes: Mapped[str]  # peerqa.models.space.Role


class Account(Base):
    """A person as a platform knows them: (registration, sub). Never found by e-mail.

    Deployments of one registration may belong to several organizations; who comes from two of them
    is two members, as everywhere.
    """

    __tablename__ = "lti_account"
    __table_args__ = (
        UniqueConstraint("platform_id", "organization_id", "subject"),
        Index("ix_lti_account_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))  # the member's
    subject: Mapped[str]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    made_admin: Mapped[bool] = mapped_column(default=False)  # by a launch, which may take it back
    is_test: Mapped[bool] = mapped_column(default=False)  # the LMS's test student
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]  # the last launch; None for who came with a roster

    member: Mapped[Member] = relationship()
    platform: Mapped[Platform] = relationship()
