"""The authors of what is imported: members by their e-mail, else placeholders under their name."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from peerqa.models import Member
from peerqa.services.exchange.source import Person
from peerqa.services.exchange.spool import CHUNK
from peerqa.services.exchange.writing import Brought, Values, Writing


def place_people(writing: Writing) -> None:
    """Find or make everybody who wrote something.

    A member is found by e-mail, so that somebody who joined since gets what is new; then by who it
    was at an earlier import. A placeholder has no address: it would keep its owner from joining.
    """
    chunk: list[Person] = []
    for person in writing.spool.people():
        chunk.append(person)
        if len(chunk) == CHUNK:
            _place(writing, chunk)
            chunk.clear()
    _place(writing, chunk)


def _place(writing: Writing, people: Sequence[Person]) -> None:
    by_email = _members_by_email(writing, (p.email for p in people if p.email))
    known = _members_known(writing, people)
    new: list[Person] = []
    for person in people:
        found = by_email.get(person.email or "") or known.get(person.ref)
        if found is None:
            new.append(person)
        else:
            writing.members[person.ref] = found
            writing.report.members.unchanged += 1
    _make(writing, new)


def _members_by_email(writing: Writing, emails: Iterable[str]) -> dict[str, int]:
    rows = writing.session.execute(
        select(Member.email, Member.id).where(
            Member.organization_id == writing.organization_id, Member.email.in_(set(emails))
        )
    )
    return {email: member_id for email, member_id in rows if email}


def _members_known(writing: Writing, people: Sequence[Person]) -> dict[str, int]:
    """Return the members that an earlier import made for these, if they are still here."""
    known = {p.ref: writing.spool.known("member", p.external_id) for p in people}
    ids = {ref: thing.thing_id for ref, thing in known.items() if thing}
    here = set(
        writing.session.scalars(
            select(Member.id).where(
                Member.organization_id == writing.organization_id, Member.id.in_(ids.values())
            )
        )
    )
    return {ref: member_id for ref, member_id in ids.items() if member_id in here}


def _make(writing: Writing, people: Sequence[Person]) -> None:
    ids = writing.take_ids(Member, len(people))
    rows: list[Values] = []
    for person, member_id in zip(people, ids, strict=True):
        writing.members[person.ref] = member_id
        if known := writing.spool.known("member", person.external_id):
            writing.forget(known)
        rows.append(
            {
                "id": member_id,
                "organization_id": writing.organization_id,
                "name": person.name,
                "email": person.email if person.is_expected else None,
                "about": "",
                "is_admin": False,
                "is_placeholder": not person.is_expected,
                "created_at": writing.at,
            }
        )
    writing.insert(Member, rows)
    brought = zip(people, ids, strict=True)
    writing.added("member", [Brought(p.external_id, member_id) for p, member_id in brought])
    writing.report.members.added += len(people)
