"""Being asked: whether, how often, when, and about what; everybody's own choice."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.services.routing.choices import AskingChoices, read_choices, read_day, save_choices
from peerqa.services.topics import topic_name
from peerqa.web.pages import me, pages, see, show
from peerqa.web.routing.for_me import numbers

DAYS = "0123456"  # Monday first
_FIELDS = ("most_a_week", "away_from", "away_until", "works_from", "works_until", "skills")


@pages.get("/preferences/asked")
@open_to(Audience.MEMBERS)
def show_asking_choices() -> ResponseReturnValue:
    """Show what one has chosen about being asked."""
    chosen = read_choices(db.session(), me())
    values = {
        "most_a_week": "" if chosen.most_a_week is None else str(chosen.most_a_week),
        "away_from": chosen.away_from.strftime("%Y-%m-%d") if chosen.away_from else "",
        "away_until": chosen.away_until.strftime("%Y-%m-%d") if chosen.away_until else "",
        "works_from": "" if chosen.works_from is None else str(chosen.works_from),
        "works_until": "" if chosen.works_until is None else str(chosen.works_until),
        "skills": ", ".join(chosen.skills),
    }
    return _show(values, is_asked=chosen.is_asked, days=chosen.works_on)


@pages.post("/preferences/asked")
@open_to(Audience.MEMBERS)
def save_asking_choices() -> ResponseReturnValue:
    """Save what one chooses about being asked."""
    try:
        with transaction() as session:
            save_choices(session, me(), _read())
    except Invalid as refusal:
        values = {name: request.form.get(name, "")[:500] for name in _FIELDS}
        is_asked, days = request.form.get("is_asked") == "1", _days()
        return _show(values, is_asked=is_asked, days=days, refusal=refusal)
    return see("show_asking_choices", said="preferences-saved")


def _days() -> str:
    return "".join(day for day in DAYS if day in request.form.getlist("works_on"))


def _read() -> AskingChoices:
    typed = {name: request.form.get(name, "").strip()[:500] for name in _FIELDS}
    return AskingChoices(
        is_asked=request.form.get("is_asked") == "1",
        most_a_week=_number(typed["most_a_week"], "most_a_week"),
        away_from=read_day(typed["away_from"]),
        away_until=read_day(typed["away_until"]),
        works_from=_number(typed["works_from"], "works"),
        works_until=_number(typed["works_until"], "works"),
        works_on=_days(),
        skills=_skills(typed["skills"]),
    )


def _number(typed: str, field: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
        raise Invalid(N_("Write a number, such as 5."), field=field)
    return int(typed)


def _skills(typed: str) -> tuple[str, ...]:
    try:
        names = [topic_name(part) for part in typed.split(",") if part.strip()]
    except Invalid as refusal:
        refusal.field = "skills"
        raise
    return tuple(dict.fromkeys(names))


def _show(
    values: dict[str, str], *, is_asked: bool, days: str, refusal: Invalid | None = None
) -> ResponseReturnValue:
    locale, chosen = get_locale(), numbers()
    names = locale.days["format"]["wide"] if locale else {}
    return show(
        "routing/choices.html",
        status=refusal.status if refusal else 200,
        values=values,
        is_asked=is_asked,
        days=days,
        day_names=[(str(day), names[day]) for day in range(7)],
        numbers=chosen,
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
