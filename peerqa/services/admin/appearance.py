"""How an organization looks: what it is called on screen, its accent, its logo.

The name on screen is another than the one that commands know an organization by: that one is taken
once on an installation, and whether it is taken tells of others.
"""

import hashlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.database import hold
from peerqa.errors import N_, Invalid, NotFound
from peerqa.imaging import Encoded
from peerqa.models import Logo, Member
from peerqa.services import audit
from peerqa.services.admin import colours
from peerqa.services.admin.admins import refuse_others
from peerqa.services.organizations import read_name

LONGEST_EDGE = 480  # pixels of a logo: as wide as it is shown, on the densest screens


def set_appearance(
    session: Session, *, name: str, accent: str, accent_dark: str, by: Member, at: datetime
) -> None:
    """Choose name and colours; what is empty is as it was made.

    Raises:
        Invalid: a name or a colour that cannot be used.
        TooPale: a colour that cannot be read.
    """
    refuse_others(by)
    organization = by.organization
    hold(session, organization)  # of two who save at once, one waits
    called = read_name(name) if name.strip() else ""
    light = _read(accent, colours.LIGHT, "accent")
    dark = _read(accent_dark, colours.DARK, "accent_dark")
    organization.shown_name, organization.accent, organization.accent_dark = called, light, dark
    audit.record(
        session, "settings.appearance", by=by, thing=organization, at=at, accent=light, dark=dark
    )


def set_logo(session: Session, *, encoded: Encoded | None, by: Member, at: datetime) -> None:
    """Put another logo in place of the one before, or none."""
    refuse_others(by)
    organization = by.organization
    hold(session, organization)  # of two who save at once, one waits
    session.execute(delete(Logo).where(Logo.organization_id == organization.id))
    organization.logo_digest = None
    if encoded is not None:
        session.add(Logo(organization_id=organization.id, data=encoded.data))
        organization.logo_digest = hashlib.sha256(encoded.data).hexdigest()[:16]
    audit.record(
        session, "settings.logo", by=by, thing=organization, at=at, has_logo=encoded is not None
    )


def get_logo(session: Session, reader: Member) -> bytes:
    """Return the logo of the reader's organization.

    Raises:
        NotFound: it has none.
    """
    data = session.scalar(select(Logo.data).where(Logo.organization_id == reader.organization_id))
    if data is None:
        raise NotFound(N_("There is no such picture."))
    return data


def _read(text: str, mode: colours.Mode, field: str) -> str | None:
    if not text.strip():
        return None
    try:
        accent = colours.read_colour(text)
    except Invalid as refusal:
        refusal.field = field
        raise
    return colours.check(accent, mode, field=field).accent
