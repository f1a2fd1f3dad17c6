"""Who is meant by what somebody typed into a form."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from peerqa.database import one_line
from peerqa.errors import N_, Invalid
from peerqa.models import Member

MAX_TYPED = 300  # characters: as many as an address or a name may have


def find_colleague(session: Session, reader: Member, typed: str, *, field: str) -> Member:
    """Return who was meant: by e-mail address, or by the whole name in any case.

    Args:
        field: of the form, where a refusal is shown.

    Raises:
        Invalid: nobody, or several.
    """
    typed = one_line(typed)[:MAX_TYPED]
    found = session.scalars(
        select(Member)
        .where(
            Member.organization_id == reader.organization_id,
            Member.inactive_at.is_(None),
            Member.is_placeholder.is_(False),
            or_(Member.email == typed.lower(), func.lower(Member.name).in_(_spellings(typed))),
        )
        .limit(2)
    ).all()
    if not found:
        raise Invalid(
            N_("Nobody here is called “%(typed)s”. Write the whole name, or the e-mail address."),
            field=field,
            typed=typed,
        )
    if len(found) > 1:
        raise Invalid(
            N_("Several people are called “%(typed)s”. Write the e-mail address."),
            field=field,
            typed=typed,
        )
    return found[0]


def _spellings(typed: str) -> set[str]:
    """Return how a database may lower the name: PostgreSQL all of it, SQLite its ASCII alone.

    There a capital such as the Ö of Özlem stays one, and is compared with how names are written.
    """
    written = (typed, typed.lower(), typed.title(), typed.upper())
    return {typed.lower()} | {
        "".join(sign.lower() if sign.isascii() else sign for sign in each) for each in written
    }
