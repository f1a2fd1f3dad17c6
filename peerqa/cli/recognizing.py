"""`peerqa recognition`: is the ledger of help what votes, acceptances and guides say."""

from collections.abc import Iterator, Sequence

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import Organization
from peerqa.services.organizations import get_organization, list_organizations
from peerqa.services.recognition.checking import Differences, compare, settle_all
from peerqa.services.recognition.facts import Key


@click.group()
def recognition() -> None:
    """See that the ledger of help is right."""


@recognition.command()
@organization_option
@json_option
def verify(organization: str | None) -> None:
    """Recompute the ledger from the facts; exits 1 and names the lines that differ."""
    open_app()
    found = [(each, compare(db.session(), each)) for each in _chosen(organization)]
    show(
        {
            "ok": not any(differences for _, differences in found),
            "organizations": [_as_json(each, differences) for each, differences in found],
        },
        lines=[line for each, differences in found for line in _lines(each, differences)],
    )
    if any(differences for _, differences in found):
        say("The ledger is not what the facts say. `peerqa recognition settle` mends it.")
        raise click.exceptions.Exit(1)


@recognition.command()
@organization_option
@json_option
def settle(organization: str | None) -> None:
    """Add what the ledger lacks, and take back by counter-entries what holds no more."""
    open_app()
    with transaction() as session:
        added = {
            each.name: settle_all(session, each, at=utc_now()) for each in _chosen(organization)
        }
    show({"added": added}, lines=[f"{name}: {count} lines added." for name, count in added.items()])


def _chosen(name: str | None) -> Sequence[Organization]:
    session = db.session()
    return [get_organization(session, name)] if name else list_organizations(session)


def _as_json(organization: Organization, found: Differences) -> dict[str, object]:
    return {
        "organization": organization.name,
        "lines": found.lines,
        "missing": [key._asdict() for key in found.missing],
        "surplus": [key._asdict() for key in found.surplus],
        "miscounted_members": list(found.miscounted),
    }


def _lines(organization: Organization, found: Differences) -> Iterator[str]:
    if not found:
        yield f"{organization.name}: {found.lines} lines are what the facts say."
    for word, keys in (("missing", found.missing), ("surplus", found.surplus)):
        for key in keys:
            yield f"{organization.name}: {word}: {_called(key)}"
    for member_id in found.miscounted:
        yield f"{organization.name}: people helped by member {member_id} were counted wrong"


def _called(key: Key) -> str:
    giver = f" by {key.giver}" if key.giver else ""
    return f"member {key.member_id}, {key.reason} for post {key.post_id}{giver}"
