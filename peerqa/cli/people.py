"""`peerqa admin` and `peerqa token`: how the first person gets in, and how programs do."""

from datetime import timedelta

import click
from sqlalchemy.orm import Session

from peerqa import identity, tokens
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, show
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import N_, NotFound
from peerqa.models import Member, Organization
from peerqa.models.space import Role
from peerqa.services import audit, members, organizations, spaces
from peerqa.services.moderating.audit_acts import Source
from peerqa.settings import Settings

FIRST_SPACE = "Ask a colleague"  # where the first questions go


@click.group()
def admin() -> None:
    """Make the first organization and admin; make sign-in links."""


@admin.command()
@click.option("--organization", required=True, metavar="NAME", help="Made when missing.")
@click.option("--email", required=True, help="Of the admin, who is made when missing.")
@click.option("--name", help="Of the admin. Default: what stands before the @.")
@json_option
def create(organization: str, email: str, name: str | None) -> None:
    """Make an organization with an admin, and print a link that signs them in once.

    A second time the organization and the admin stay as they are, and the link is a new one.
    """
    settings: Settings = open_app().extensions["peerqa.settings"]
    with transaction() as session:
        found = organizations.make_organization(session, name=organization, at=utc_now())
        made = _link(session, _make_admin(session, found, email, name), settings)
    show(made, lines=[str(made["link"])])


@admin.command()
@click.option("--email", required=True, help="Of somebody who is a member already.")
@organization_option
@json_option
def link(email: str, organization: str | None) -> None:
    """Print a link that signs a member in once; give it to nobody else."""
    settings: Settings = open_app().extensions["peerqa.settings"]
    with transaction() as session:
        made = _link(session, _get_member(session, organization, email), settings)
    show(made, lines=[str(made["link"])])


@click.group()
def token() -> None:
    """Give programs access to the API."""


@token.command("create")
@click.option("--email", required=True, help="Of the member whom the program acts as.")
@click.option("--name", required=True, help="What the token is for.")
@organization_option
@click.option("--days", type=click.IntRange(1, 3650), help="Days that it lasts. Default: for good.")
@json_option
def create_token(email: str, name: str, organization: str | None, days: int | None) -> None:
    """Print a token that acts as a member through the API; it is shown this once."""
    open_app()
    now = utc_now()
    expires_at = now + timedelta(days=days) if days else None
    with transaction() as session:
        member = _get_member(session, organization, email)
        made = tokens.create_token(
            session,
            member,
            name=organizations.read_name(name),
            at=now,
            expires_at=expires_at,
        )
        audit.record(
            session, "token.created", by=Source.COMMAND, thing=member,
            organization=member.organization_id, at=now, days=days,
        )  # fmt: skip
    until = expires_at.isoformat() if expires_at else None
    show({"token": made, "member": member.id, "name": name, "expires_at": until}, lines=[made])


def _make_admin(
    session: Session, organization: Organization, email: str, name: str | None
) -> Member:
    member = members.find_member_by_email(session, organization, email)
    if member is None:
        member = members.create_member(
            session,
            organization=organization,
            name=name or email.partition("@")[0],
            email=email,
            at=utc_now(),
        )
        space = spaces.make_space(
            session, organization=organization, name=FIRST_SPACE, at=utc_now()
        )
        members.join_space(session, member=member, space=space, role=Role.STEWARD)
    if not member.is_admin:
        member.is_admin = True
        audit.record(
            session, "admin.given", by=Source.COMMAND, thing=member, organization=organization,
            at=utc_now(),
        )  # fmt: skip
    return member


def _get_member(session: Session, organization: str | None, email: str) -> Member:
    found = organizations.get_organization(session, organization)
    member = members.find_member_by_email(session, found, email)
    if member is None:
        raise NotFound(
            N_("Nobody in %(organization)s has the address %(email)s."),
            organization=found.name,
            email=email,
        )
    return member


def _link(session: Session, member: Member, settings: Settings) -> dict[str, object]:
    """Make a link; returns what is printed of it."""
    audit.record(
        session, "link.created", by=Source.COMMAND, thing=member,
        organization=member.organization_id, at=utc_now(),
    )  # fmt: skip
    made = identity.make_link(session, member, at=utc_now(), minutes=settings.link_minutes)
    return {
        "organization": member.organization.name,
        "member": member.id,
        "link": identity.link_address(settings.address, made),
        "minutes": settings.link_minutes,
    }
