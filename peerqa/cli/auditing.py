"""`peerqa audit`: who did what, and whether anybody has changed the trail since."""

from collections.abc import Iterator

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.database import db
from peerqa.models import Organization
from peerqa.services.moderating.audit_acts import SUBJECTS
from peerqa.services.moderating.audit_trail import Entry, Filter, Verdict, list_entries
from peerqa.services.moderating.audit_trail import verify as verify_trail
from peerqa.services.organizations import get_organization, list_organizations


@click.group()
def audit() -> None:
    """See who did what, and whether the trail is as it was written."""


@audit.command("show")
@organization_option
@click.option("--about", type=click.Choice(sorted(SUBJECTS)), help="Only acts about this.")
@click.option("--by", "actor", type=int, metavar="ID", help="Only what this member did.")
@click.option("--before", type=int, metavar="NUMBER", help="Go on where the last page ended.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def show_trail(
    organization: str | None, about: str | None, actor: int | None, before: int | None, limit: int
) -> None:
    """Show the trail of an organization, newest first."""
    open_app()
    found = get_organization(db.session(), organization)
    only = Filter(subject=about, actor_id=actor)
    entries, after = list_entries(db.session(), found, only=only, before=before, limit=limit)
    lines = [_line(entry) for entry in entries] or ["Nothing was written down yet."]
    if after:
        lines.append(f"Go on with: --before {after}")
    show({"entries": [_as_json(entry) for entry in entries], "next": after}, lines=lines)


@audit.command()
@organization_option
@click.option("--expect", metavar="HASH", help="A head that was noted earlier: it must be there.")
@json_option
def verify(organization: str | None, expect: str | None) -> None:
    """See that no row was changed, removed or put between; exits 1 and names the first that was.

    Note the head that it prints elsewhere. With --expect it also finds an end that was cut off,
    and a trail that was written anew as a whole.
    """
    open_app()
    session = db.session()
    if organization is not None or expect is not None:
        chosen = [get_organization(session, organization)]
    else:
        chosen = list(list_organizations(session))
    verdicts = [verify_trail(session, each, expected=expect) for each in chosen]
    show(
        {
            "ok": all(verdict.broken is None for verdict in verdicts),
            "organizations": [_verdict_as_json(verdict) for verdict in verdicts],
        },
        lines=[line for verdict in verdicts for line in _verdict_lines(verdict)],
    )
    if any(verdict.broken for verdict in verdicts):
        say("The audit trail is not as it was written.")
        raise click.exceptions.Exit(1)


def _as_json(entry: Entry) -> dict[str, object]:
    row = entry.row
    return {
        "number": row.number,
        "at": row.at.isoformat(),
        "source": row.source,
        "member": row.actor_id,
        "name": entry.actor,
        "act": row.act,
        "thing": row.thing_kind,
        "thing_id": row.thing_id,
        "details": entry.details,
        "why": row.why,
        "hash": row.hash,
    }


def _line(entry: Entry) -> str:
    row = entry.row
    who = entry.actor or (f"member {row.actor_id}" if row.actor_id else row.source)
    thing = f" {row.thing_kind} {row.thing_id}" if row.thing_kind else ""
    details = "".join(f" {name}={value}" for name, value in entry.details.items())
    why = f" ({row.why})" if row.why else ""
    return f"{row.number}  {row.at:%Y-%m-%d %H:%M:%S}  {who}: {row.act}{thing}{details}{why}"


def _verdict_as_json(verdict: Verdict) -> dict[str, object]:
    broken = verdict.broken
    return {
        "organization": verdict.organization.name,
        "entries": verdict.count,
        "erased_reasons": verdict.erased,
        "head": verdict.head,
        "broken": broken and {"id": broken.id, "number": broken.number, "reason": broken.reason},
    }


def _verdict_lines(verdict: Verdict) -> Iterator[str]:
    name: Organization = verdict.organization
    if verdict.broken is None:
        yield f"{name.name}: {verdict.count} entries are as they were written."
        yield f"  head {verdict.head}"
        return
    place = f"entry {verdict.broken.number}" if verdict.broken.number else "an entry"
    yield (
        f"{name.name}: BROKEN at {place} (row {verdict.broken.id}): {verdict.broken.reason}; "
        f"the {verdict.count} before it are well"
    )
