"""`peerqa platform`: LMSs are invited, registered by hand, approved, switched off and on.

These commands stand on the floor of peerqa.cli, which may not know this package: the console
script hands them over.
"""

from typing import Any

import click
from sqlalchemy.orm import Session

from lti.connecting import invitations, registration
from lti.connecting.tool import Tool
from lti.models import Deployment, Platform
from lti.models.platform import DeploymentState
from lti.services import keys
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.models import Organization
from peerqa.services import audit, organizations
from peerqa.services.moderating.audit_acts import Source
from peerqa.settings import Settings

ID = click.argument("platform_id", type=click.IntRange(min=1), metavar="ID")


@click.group()
def platform() -> None:
    """Connect learning management systems."""


@platform.command()
@organization_option
@json_option
def invite(organization: str | None) -> None:
    """Print an address with which one LMS registers itself; it works once, for seven days."""
    settings = _settings()
    if not settings.demo and not settings.address.startswith("https://"):
        say("Set PEERQA_PUBLIC_URL first: LMSs open https addresses alone.")
    with transaction() as session:
        found = organizations.get_organization(session, organization)
        token = invitations.make_invitation(session, found, utc_now())
        _note(session, "lms.invited", found)
    link = invitations.invitation_address(settings.address, token)
    days = invitations.INVITATION_DAYS
    show({"organization": found.name, "address": link, "days": days}, lines=[link])


@platform.command()
@click.option("--issuer", required=True, help="As the LMS spells it.")
@click.option("--client-id", required=True, help="That the LMS gave PeerQA.")
@click.option("--authorization-url", required=True, help="Where login requests go.")
@click.option("--token-url", required=True, help="Where access tokens come from.")
@click.option("--keys-url", required=True, help="The LMS's keyset.")
@click.option("--token-audience", help="Where the LMS wants another one than the token URL.")
@click.option("--deployment", metavar="ID", help="Approved at once; others wait for approval.")
@click.option("--name", help="For people. Default: the host of the issuer.")
@click.option("--trust-administrators", is_flag=True, help="Its administrators become admins.")
@organization_option
@json_option
def add(deployment: str | None, organization: str | None, **values: Any) -> None:  # Any: click's
    """Register an LMS by hand, with the values that it shows."""
    settings = _settings()
    now = utc_now()
    values["trusts_administrators"] = values.pop("trust_administrators")
    values["name"] = values["name"] or ""
    with transaction() as session:
        made = registration.register_platform(
            session,
            organization=organizations.get_organization(session, organization),
            https_only=not settings.demo,
            at=now,
            **values,
        )
        _note(session, "lms.registered", made)
        if deployment is not None:
            registration.add_deployment(
                session, platform=made, deployment_id=deployment, at=now,
                state=DeploymentState.APPROVED,
            )  # fmt: skip
        told = _describe(session, made)
    say(f"What the LMS needs to know of PeerQA: peerqa platform show {made.id}")
    show(told, lines=[f"#{made.id} {made.name} is registered."])


@platform.command("list")
@organization_option
@json_option
def list_all(organization: str | None) -> None:
    """Show the LMSs of an organization, and how many deployments wait for approval."""
    open_app()
    session = db.session()
    found = organizations.get_organization(session, organization)
    rows = registration.list_platforms(session, found.id)
    told = [_describe(session, row) for row in rows]
    show(
        {"organization": found.name, "platforms": told},
        lines=[_line(each) for each in told]
        or ["There is none yet. Invite one with: peerqa platform invite"],
    )


@platform.command("show")
@ID
@organization_option
@json_option
def show_one(platform_id: int, organization: str | None) -> None:
    """Show a registration, its deployments, and the addresses that the LMS needs."""
    settings = _settings()
    session = db.session()
    told = _describe(session, _get(session, organization, platform_id))
    tool = Tool(settings.address)
    told["tool"] = {
        "login": tool.login, "launch": tool.launch, "keys": tool.keys, "canvas": tool.canvas,
    }  # fmt: skip
    lines = [f"{name}: {value}" for name, value in told.items() if name != "deployments"]
    lines += [f"deployment {d['deployment_id']}: {d['state']}" for d in told["deployments"]]
    show(told, lines=lines)


@platform.command()
@ID
@click.option("--deployment", metavar="ID", help="Default: the one that waits.")
@click.option("--into", metavar="NAME", help="Another organization, whose people come from there.")
@organization_option
@json_option
def approve(
    platform_id: int, deployment: str | None, into: str | None, organization: str | None
) -> None:
    """Let people come from a deployment of an LMS."""
    open_app()
    now = utc_now()
    with transaction() as session:
        found = _get(session, organization, platform_id)
        row = (
            registration.add_deployment(session, platform=found, deployment_id=deployment, at=now)
            if deployment
            else _get_waiting(session, found)
        )
        target = organizations.get_organization(session, into) if into else None
        registration.approve(session, row, now, into=target)
        _note(session, "lms.approved", row)
        name = row.organization.name
    show(
        {"platform": found.id, "deployment": row.deployment_id, "organization": name},
        lines=[f"People from deployment {row.deployment_id} now come to {name}."],
    )


@platform.command()
@ID
@organization_option
@json_option
def disable(platform_id: int, organization: str | None) -> None:
    """Refuse every launch of an LMS, until it is enabled again."""
    open_app()
    with transaction() as session:
        found = _get(session, organization, platform_id)
        registration.disable(session, found, utc_now())
        _note(session, "lms.switched", found, on=False)
    show({"platform": found.id, "enabled": False}, lines=[f"{found.name} is switched off."])


@platform.command()
@ID
@organization_option
@json_option
def enable(platform_id: int, organization: str | None) -> None:
    """Take launches of an LMS again."""
    open_app()
    with transaction() as session:
        found = _get(session, organization, platform_id)
        registration.enable(session, found)
        _note(session, "lms.switched", found, on=True)
    show({"platform": found.id, "enabled": True}, lines=[f"{found.name} is switched on."])


@platform.command()
@json_option
def rotate_keys() -> None:
    """Sign with a new key from now on; the one before stays published for a while."""
    app = open_app()
    fresh = keys.make_fresh()
    with transaction() as session:
        row = keys.rotate(session, app.extensions["peerqa.key"], at=utc_now(), fresh=fresh)
    show({"kid": row.kid}, lines=[f"The key {row.kid} signs from now on."])


def _settings() -> Settings:
    settings = open_app().extensions["peerqa.settings"]
    assert isinstance(settings, Settings)
    return settings


def _get(session: Session, organization: str | None, platform_id: int) -> Platform:
    found = organizations.get_organization(session, organization)
    return registration.get_platform(session, found.id, platform_id)


def _get_waiting(session: Session, found: Platform) -> Deployment:
    """Return the only deployment that waits.

    Raises:
        Invalid: none does, or several do.
    """
    rows = [row for row in _deployments(session, found) if row.state == DeploymentState.WAITING]
    if len(rows) != 1:
        raise Invalid(
            N_("%(count)s deployments wait for approval: name one with --deployment."),
            count=len(rows),
        )
    return rows[0]


def _deployments(session: Session, found: Platform) -> list[Deployment]:
    return list(registration.list_deployments_of(session, found))


def _describe(session: Session, row: Platform) -> dict[str, Any]:  # Any: what JSON can hold
    return {
        "id": row.id,
        "name": row.name,
        "organization": row.organization.name,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "authorization_url": row.authorization_url,
        "token_url": row.token_url,
        "token_audience": row.token_audience,
        "keys_url": row.keys_url,
        "trusts_administrators": row.trusts_administrators,
        "enabled": row.disabled_at is None,
        "deployments": [
            {
                "deployment_id": each.deployment_id,
                "state": str(each.state),
                "organization": each.organization.name,
            }
            for each in _deployments(session, row)
        ],
    }


def _line(told: dict[str, Any]) -> str:
    waiting = sum(each["state"] == DeploymentState.WAITING for each in told["deployments"])
    off = "" if told["enabled"] else ", switched off"
    wait = f", {waiting} waiting for approval" if waiting else ""
    return f"#{told['id']} {told['name']} ({told['issuer']}, client {told['client_id']}){off}{wait}"


def _note(
    session: Session,
    act: str,
    thing: Platform | Deployment | Organization,
    *,
    on: bool | None = None,
) -> None:
    """Write an act into the audit trail of whose it is."""
    owner = thing.id if isinstance(thing, Organization) else thing.organization_id
    audit.record(
        session, act, by=Source.COMMAND, thing=thing, organization=owner, at=utc_now(), on=on
    )
