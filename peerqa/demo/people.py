"""The people of the demo company that a visitor may be, with one click."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from peerqa.errors import N_
from peerqa.models import Member, Organization

PEOPLE: Mapping[str, str] = {
    "ana": N_("employee"),
    "tomasz": N_("experienced colleague"),
    "marta": N_("steward"),
    "yusuf": N_("admin"),
}


def email_of(key: str) -> str:
    """Return the address of a person, in a domain that cannot exist (RFC 2606)."""
    return f"{key}@northwind.example"


def links(address: str) -> list[tuple[str, str]]:
    """Return what each of them is and the link that signs in as them, again and again.

    Args:
        address: where people reach PeerQA, without a slash at the end.
    """
    return [(label, f"{address}/demo/{key}") for key, label in PEOPLE.items()]


def list_people(session: Session) -> Sequence[tuple[str, Member]]:
    """Return whom a visitor may be, each with a word for what they are; empty before seeding."""
    rows = session.scalars(
        select(Member)
        .join(Member.organization)
        .where(Organization.is_demo, Member.email.in_([email_of(key) for key in PEOPLE]))
        .options(joinedload(Member.organization))
    )
    found = {member.email: member for member in rows}
    return [
        (label, found[email_of(key)]) for key, label in PEOPLE.items() if email_of(key) in found
    ]
