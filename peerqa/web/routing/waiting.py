"""What waits for an answer in a space: for its stewards."""

from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.errors import N_, NotAllowed
from peerqa.gate import Audience, open_to
from peerqa.permissions import may
from peerqa.services import spaces
from peerqa.services.routing import reading
from peerqa.services.routing.ladder import Rung
from peerqa.web.pages import me, pages, show

LATE_HOURS = 48.0  # two days: a question asked on a Monday should not see its Thursday unanswered
RUNGS = {
    Rung.NOBODY.value: N_("nobody asked yet"),
    Rung.PEOPLE.value: N_("those who are likely to know"),
    Rung.MORE.value: N_("more who may know"),
    Rung.KEEPERS.value: N_("keepers of its topics"),
    Rung.STEWARDS.value: N_("stewards"),
}


@pages.get("/spaces/<id:space_id>/waiting")
@open_to(Audience.MEMBERS)
def show_waiting(space_id: int) -> ResponseReturnValue:
    """Show the questions of a space that nobody has answered, and how far each has got."""
    space = spaces.get_space(db.session(), me(), space_id)
    if not may(me(), "steward", space):
        raise NotAllowed(N_("Only stewards of this space see who was asked."), space=space_id)
    rows = reading.list_waiting(db.session(), space, me(), at=utc_now(), late_hours=LATE_HOURS)
    return show("routing/waiting.html", space=space, rows=rows, rungs=RUNGS)
