"""Pictures: sent before the post that shows them, seen by whoever sees such a post.

The address of a picture is a secret of 256 bits, known to its sender and to who has seen it: so
whoever puts it into a post of the same organization may. Elsewhere it is none.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, undefer

from peerqa.database import insert_once
from peerqa.errors import N_, Invalid, NotFound
from peerqa.imaging import Encoded
from peerqa.markup import picture_tokens
from peerqa.models import Member, Organization, Picture, PicturePost, Post
from peerqa.permissions import may
from peerqa.secrets import InstanceKey, is_same, new_token
from peerqa.services.asking.masks import to_the_hour

MOST_WAITING = 50  # of one member in a day, that no post shows
MOST_ASKED = 20  # posts that are looked at for one that the reader sees
MAX_ALT = 200
_USE = "picture"


def add_picture(
    session: Session, *, member: Member, encoded: Encoded, key: InstanceKey, at: datetime
) -> str:
    """Keep a picture; returns its token.

    Raises:
        Invalid: the member has sent many that no post shows.
    """
    _refuse_too_many(session, member, key=key, at=at)
    token = new_token()
    session.add(
        Picture(
            organization_id=member.organization_id,
            token=token,
            waiting_for=key.digest(_USE, member.id, token),
            width=encoded.width,
            height=encoded.height,
            created_at=to_the_hour(at),
            data=encoded.data,
        )
    )
    session.flush()
    return token


def get_picture(session: Session, member: Member, token: str, *, key: InstanceKey) -> Picture:
    """Return a picture that the member may see, with its bytes.

    Raises:
        NotFound: there is none.
    """
    picture = session.scalars(
        select(Picture)
        .where(Picture.token == token, Picture.organization_id == member.organization_id)
        .options(undefer(Picture.data))
    ).one_or_none()
    if picture is None or not _may_see(session, member, picture, key):
        raise NotFound(N_("There is no such picture."))
    return picture


def link_pictures(session: Session, post: Post) -> None:
    """Note which pictures a post shows; those of an earlier version stay noted.

    Args:
        post: flushed, with its text.
    """
    tokens = picture_tokens(post.html)
    if not tokens:
        return
    found = session.scalars(
        select(Picture.id).where(
            Picture.token.in_(tokens), Picture.organization_id == post.organization_id
        )
    ).all()
    for picture_id in found:
        insert_once(session, PicturePost, picture_id=picture_id, post_id=post.id)
    session.execute(update(Picture).where(Picture.id.in_(found)).values(waiting_for=None))


def delete_loose(
    session: Session, *, at: datetime, days: int, organization: Organization | None = None
) -> int:
    """Delete pictures that no post shows and no draft can need any more; returns how many.

    Args:
        organization: only its own.
    """
    is_loose = (Picture.created_at < at - timedelta(days=days)) & ~exists().where(
        PicturePost.picture_id == Picture.id
    )
    if organization is not None:
        is_loose &= Picture.organization_id == organization.id
    gone = session.execute(delete(Picture).where(is_loose))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def read_alt(alt: str, *, required: bool) -> str:
    """Return a description as it stands in Markdown, between brackets.

    Raises:
        Invalid: there is none, or it is too long.
    """
    alt = " ".join(alt.translate(dict.fromkeys(map(ord, "[]\\\x00"), " ")).split())
    if required and not alt:
        raise Invalid(
            N_("Say in a few words what the picture shows, for colleagues who cannot see it."),
            field="picture_alt",
        )
    if len(alt) > MAX_ALT:
        raise Invalid(
            N_("Describe the picture in at most %(most)s characters."),
            field="picture_alt",
            most=MAX_ALT,
        )
    return alt


def _may_see(session: Session, member: Member, picture: Picture, key: InstanceKey) -> bool:
    if picture.waiting_for is not None:
        return is_same(picture.waiting_for, key.digest(_USE, member.id, picture.token))
    posts = session.scalars(
        select(Post)
        .join(PicturePost, PicturePost.post_id == Post.id)
        .where(PicturePost.picture_id == picture.id, Post.deleted_at.is_(None))
        .limit(MOST_ASKED)
    )
    return any(may(member, "see", post) for post in posts)


def _refuse_too_many(session: Session, member: Member, *, key: InstanceKey, at: datetime) -> None:
    waiting = session.execute(
        select(Picture.token, Picture.waiting_for).where(
            Picture.organization_id == member.organization_id,
            Picture.waiting_for.is_not(None),
            Picture.created_at > at - timedelta(days=1),
        )
    )
    own = sum(key.digest(_USE, member.id, token) == digest for token, digest in waiting)
    if own >= MOST_WAITING:
        raise Invalid(
            N_("You have sent %(most)s pictures today that no post shows. Post some of them."),
            field="picture",
            most=MOST_WAITING,
        )
