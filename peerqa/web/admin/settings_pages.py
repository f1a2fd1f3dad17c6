"""What holds where nobody chose otherwise, and how long things are kept."""

from dataclasses import asdict, dataclass

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.languages import UNDETERMINED, WRITTEN, name_of
from peerqa.models.space import Visibility
from peerqa.services.admin import defaults
from peerqa.services.admin.defaults import Chosen
from peerqa.web.pages import me, pages, see, show

FIXED = (  # what, for how long, why
    (N_("Questions, answers and comments"), N_("until somebody deletes them"),
     N_("They are what the organization knows.")),
    (N_("Who was signed in, where"), N_("until it ends"),
     N_("An hour after a sign-in has ended, nothing is left of it.")),
    (N_("Which e-mail was sent to whom"), N_("60 days"),
     N_("So that nothing is sent twice; without what it said.")),
    (N_("Launches from an LMS"), N_("90 days"),
     N_("So that you can see why one failed last term.")),
    (N_("The audit trail"), N_("for good"), N_("A chain with gaps proves nothing.")),
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """Something that is kept for some days, as its field shows it."""

    kind: str
    label: str
    reason: str
    most: int
    typed: str


@pages.get("/admin/settings")
@open_to(Audience.ADMINS)
def show_settings() -> ResponseReturnValue:
    """Show what holds where nobody chose otherwise."""
    organization = me().organization
    return _show(organization.language, organization.question_visibility)


@pages.post("/admin/settings")
@open_to(Audience.ADMINS)
def save_settings() -> ResponseReturnValue:
    """Save it."""
    language = request.form.get("language", "")[:20]
    is_narrow = request.form.get("visibility") == Visibility.SPACE.value
    visibility = Visibility.SPACE if is_narrow else Visibility.ORGANIZATION
    is_new = language != me().organization.language
    try:
        with transaction() as session:
            defaults.set_writing(
                session, language=language, visibility=visibility, by=me(), at=utc_now()
            )
    except Invalid as refusal:
        return _show(language, visibility.value, refusal)
    return see("show_settings", said="rewording" if is_new else "edited")


@pages.get("/admin/retention")
@open_to(Audience.ADMINS)
def show_retention() -> ResponseReturnValue:
    """Show how long things are kept, and why."""
    organization = me().organization
    chosen = {kind: getattr(organization, f"{kind}_days") for kind in defaults.KEPT}
    return _show_retention({kind: str(days or "") for kind, days in chosen.items()})


@pages.post("/admin/retention")
@open_to(Audience.ADMINS)
def save_retention() -> ResponseReturnValue:
    """Save how long things are kept."""
    chosen = Chosen(**{kind: request.form.get(kind, "")[:20] for kind in defaults.KEPT})
    try:
        with transaction() as session:
            defaults.set_retention(session, chosen=chosen, most=_most(), by=me(), at=utc_now())
    except Invalid as refusal:
        return _show_retention(asdict(chosen), refusal)
    return see("show_retention", said="edited")


def _most() -> dict[str, int]:
    found = settings()
    return {
        "evidence": found.evidence_days,
        "draft": found.draft_days,
        "news": found.notification_days,
    }


def _show(language: str, visibility: str, refusal: Invalid | None = None) -> ResponseReturnValue:
    reader = str(get_locale())
    names = {tag: name_of(tag, reader) for tag in WRITTEN if tag != UNDETERMINED}
    return show(
        "admin/settings.html",
        status=refusal.status if refusal else 200,
        languages=sorted(names.items(), key=lambda item: item[1].casefold()),
        undetermined=UNDETERMINED,
        language=language,
        visibility=visibility,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )


def _show_retention(typed: dict[str, str], refusal: Invalid | None = None) -> ResponseReturnValue:
    most = _most()
    told = {
        "evidence": (
            N_("What people typed when they looked for an answer, and whether it helped"),
            N_("PeerQA learns from a season of it when to speak up. It names nobody."),
        ),
        "draft": (
            N_("Drafts that nobody goes on with, and pictures that no post shows"),
            N_("Who comes back after a long leave finds what they had begun."),
        ),
        "news": (
            N_("News in inboxes, read or not"),
            N_("What happens once a year can be found again the next time."),
        ),
    }
    kept = [
        Kept(kind, *told[kind], most=most[kind], typed=typed.get(kind, ""))
        for kind in defaults.KEPT
    ]
    return show(
        "admin/retention.html",
        status=refusal.status if refusal else 200,
        kept=kept,
        fixed=FIXED,
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
