"""Why somebody is asked, and why they pass, in sentences to translate."""

from flask_babel import gettext, ngettext

from peerqa.errors import N_
from peerqa.models import Invitation
from peerqa.services.routing.scoring import Why
from peerqa.services.routing.states import PassReason
from peerqa.web.pages import pages

PASS_REASONS = {
    PassReason.NOT_MINE.value: N_("Not my subject"),
    PassReason.NO_TIME.value: N_("No time this week"),
    PassReason.ELSEWHERE.value: N_("It is answered elsewhere"),
}
_PLAIN = {
    Why.GUIDE.value: N_("You wrote a guide about something like this."),
    Why.NEAR.value: N_("You have answered questions that are near this one."),
    Why.LEARNED.value: N_("You asked something like this once, and got an answer."),
    Why.STEWARD.value: N_("You keep this space, and nobody has answered yet."),
    Why.HAND.value: N_("Whoever asked thinks that you may know this."),
}


@pages.app_template_global()
def why_asked(invitation: Invitation) -> str:
    """Return why the reader was asked, in one sentence."""
    count, name, why = invitation.why_count, invitation.why_name, invitation.why
    if why == Why.HAND and invitation.invited_by is not None:
        by = invitation.invited_by.name
        return str(gettext("%(name)s thinks that you may know this.", name=by))
    if why == Why.SKILL:
        return str(gettext("You said that you can be asked about %(topic)s.", topic=name))
    if why == Why.KEEPER:
        return str(gettext("You keep the topic %(topic)s.", topic=name))
    if why in {Why.SOLVED, Why.ANSWERED}:
        return _counted(why, count, name)
    return str(gettext(_PLAIN.get(why, _PLAIN[Why.LEARNED.value])))


def _counted(why: str, count: int, topic: str) -> str:
    if why == Why.ANSWERED:
        return str(
            ngettext(
                "You answered %(num)s question like this.",
                "You answered %(num)s questions like this.",
                count,
            )
        )
    if topic:
        return str(
            ngettext(
                "You helped with %(num)s question like this, about %(topic)s.",
                "You helped with %(num)s questions like this, about %(topic)s.",
                count,
                topic=topic,
            )
        )
    return str(
        ngettext(
            "You helped with %(num)s question like this.",
            "You helped with %(num)s questions like this.",
            count,
        )
    )
