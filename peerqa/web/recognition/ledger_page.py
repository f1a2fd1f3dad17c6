"""What one's help was worth, line by line; for its owner alone."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.errors import N_
from peerqa.gate import Audience, open_to
from peerqa.paging import read_cursor
from peerqa.services.recognition import appeals, worth
from peerqa.services.recognition.ledger import Why
from peerqa.services.recognition.reading import read_ledger
from peerqa.services.recognition.worth import Reason
from peerqa.web.pages import me, pages, show

REASONS = {
    Reason.ACCEPTED.value: N_("Your answer solved it"),
    Reason.HELPFUL.value: N_("Helped somebody else too"),
    Reason.SOLVED.value: N_("Solved it for somebody who did not have to ask"),
    Reason.VERIFIED.value: N_("Somebody vouched for your answer"),
    Reason.GUIDE.value: N_("You made a guide"),
}
WHYS = {
    Why.WITHDRAWN.value: N_("whoever said it took it back"),
    Why.REMOVED.value: N_("the post is gone, or is no answer any more"),
    Why.MERGED.value: N_("its question was merged with another one"),
    Why.JOINED.value: N_("two accounts turned out to be one person"),
    Why.FOUND.value: N_("a check found that it holds no more"),
    Why.UNFAIR.value: N_("it did not come about fairly"),
}


@pages.get("/ledger")
@open_to(Audience.MEMBERS)
def show_ledger() -> ResponseReturnValue:
    """Show the reader's own ledger."""
    after = read_cursor(request.args.get("after"))
    ledger = read_ledger(db.session(), me(), after=after)
    cases = appeals.list_of(db.session(), me())
    return show(
        "recognition/ledger.html",
        ledger=ledger,
        cases=cases,
        reasons=REASONS,
        whys=WHYS,
        worth=worth,
    )
