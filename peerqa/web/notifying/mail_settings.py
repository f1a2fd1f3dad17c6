"""The settings of e-mail: what comes and when, everywhere or in one space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa import mail
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.models import Space
from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.paging import read_id
from peerqa.services import spaces
from peerqa.services.notifying import choices
from peerqa.services.notifying.choices import HOURS, Wishes
from peerqa.services.notifying.kinds import KINDS
from peerqa.services.notifying.local_time import list_zones
from peerqa.web.pages import me, pages, see, show

FREQUENCIES = {
    Frequency.IMMEDIATE: N_("at once"),
    Frequency.DAILY: N_("once a day"),
    Frequency.WEEKLY: N_("once a week"),
    Frequency.NEVER: N_("never"),
}
STOPPED = {
    Stopped.NOTHING: N_("Yes, as chosen below"),
    Stopped.DIGESTS: N_("Only what comes at once, no summaries"),
    Stopped.ALL: N_("No e-mail; I look into the inbox"),
}


@dataclass(frozen=True)
class Row:
    """One kind of news and what can be chosen for it."""

    kind: str
    label: str
    chosen: str  # empty: as everywhere
    options: Sequence[tuple[str, str]]


@pages.get("/notifications/settings")
@open_to(Audience.MEMBERS)
def mail_settings() -> ResponseReturnValue:
    """Show what comes by mail."""
    return _show(_space(request.args.get("space")))


@pages.post("/notifications/settings")
@open_to(Audience.MEMBERS)
def save_mail_settings() -> ResponseReturnValue:
    """Save what comes by mail: all of it, or what is different in a space."""
    space = _space(request.form.get("space"))
    chosen = {
        kind: request.form[f"kind-{kind}"] for kind in KINDS if f"kind-{kind}" in request.form
    }
    try:
        with transaction() as session:
            if space is None:
                _save_all()
            choices.save_choices(
                session, member=me(), chosen=chosen, space_id=space.id if space else None
            )
    except Invalid as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        return _show(
            space, error=sentence, field=refusal.field or "", typed=request.form, status=422
        )
    return see("mail_settings", said="mail-saved")


def _save_all() -> None:
    form, now, session = request.form, utc_now(), db.session()
    wanted = form.get("stopped", Stopped.NOTHING.value)
    if wanted not in set(Stopped):
        raise Invalid(N_("Choose whether you want e-mail."), field="stopped")
    choices.save_times(
        session,
        member=me(),
        zone=form.get("zone", "")[:100],
        quiet_from=form.get("quiet_from", ""),
        quiet_until=form.get("quiet_until", ""),
        digest_hour=form.get("digest_hour", str(choices.DIGEST_HOUR)),
        at=now,
    )
    choices.stop(session, member=me(), what=Stopped(wanted), at=now)


def _space(typed: str | None) -> Space | None:
    """Return the space that is asked about; one that nobody can see is not found."""
    if not typed:
        return None
    return spaces.get_space(db.session(), me(), read_id(typed) or 0)


def _show(
    space: Space | None,
    *,
    error: str = "",
    field: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session = db.session()
    wishes = choices.read_wishes(session, [me()])[me().id]
    all_spaces = spaces.list_spaces(session, me())
    different = choices.spaces_with_choices(wishes)
    values = _values(wishes) | dict(typed or {})
    return show(
        "notifications/settings.html",
        status=status,
        space=space,
        rows=_rows(wishes, space, typed or {}),
        values=values,
        error=error,
        field=field,
        hours=HOURS,
        zones=list_zones(),
        stopped=[(each.value, gettext(label)) for each, label in STOPPED.items()],
        spaces=all_spaces,
        different=[each for each in all_spaces if each.id in different],
        has_mail=mail.is_configured(settings()),
    )


def _values(wishes: Wishes) -> dict[str, str]:
    """Return what the fields of the form hold, as it is sent."""
    held: dict[str, object] = {
        "zone": wishes.time_zone,
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "digest_hour": wishes.digest_hour,
        "stopped": wishes.stopped,
    }
    return {name: "" if value is None else str(value) for name, value in held.items()}


def _rows(wishes: Wishes, space: Space | None, typed: Mapping[str, str]) -> list[Row]:
    rows = []
    for kind, about in KINDS.items():
        everywhere = wishes.everywhere.get(kind) or about.default.value
        chosen = everywhere if space is None else wishes.by_space.get((space.id, kind), "")
        options = [(each.value, gettext(FREQUENCIES[each])) for each in choices.frequencies(kind)]
        if space is not None:
            usual = gettext(FREQUENCIES[Frequency(everywhere)])
            options.insert(0, ("", gettext("as everywhere (%(usual)s)", usual=usual)))
        label = gettext(about.label)
        rows.append(Row(kind, label, typed.get(f"kind-{kind}", chosen), options))
    return rows
