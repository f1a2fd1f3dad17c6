"""Tokens by which programs act as a member through the API.

Only hashes of tokens are stored; the plain token is shown once.
"""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from peerqa.errors import N_, NotFound
from peerqa.models import AccessToken, Member
from peerqa.secrets import hash_token, new_token


def create_token(
    session: Session, member: Member, *, name: str, at: datetime, expires_at: datetime | None = None
) -> str:
    """Make an API token that acts as the member; returned once, stored as a hash."""
    token = "pqa_" + new_token()
    session.add(
        AccessToken(
            member_id=member.id,
            name=name,
            token_hash=hash_token(token),
            created_at=at,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token


# Made once, and all in one query: programs look things up between two key strokes.
_BY_TOKEN = (
    select(Member, AccessToken.expires_at)
    .join(AccessToken, AccessToken.member_id == Member.id)
    .where(
        AccessToken.token_hash == bindparam("token_hash"),
        AccessToken.revoked_at.is_(None),
        Member.inactive_at.is_(None),
    )
    .options(joinedload(Member.organization, innerjoin=True), joinedload(Member.memberships))
)


def find_member_by_token(session: Session, token: str, *, at: datetime) -> Member | None:
    """Return the member that a bearer token acts as, or None."""
    found = session.execute(_BY_TOKEN, {"token_hash": hash_token(token)})
    row = found.unique().one_or_none()
    if row is None:
        return None
    member, expires_at = row
    return member if expires_at is None or expires_at > at else None


def revoke_token(session: Session, member: Member, token_id: int, *, at: datetime) -> None:
    """End one of the member's own tokens.

    Raises:
        NotFound: it is not theirs.
    """
    ended = session.execute(
        update(AccessToken)
        .where(AccessToken.id == token_id, AccessToken.member_id == member.id)
        .values(revoked_at=at)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise NotFound(N_("There is no such token."), token=token_id)
