"""Who keeps a topic: said on its page."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import N_, Invalid, NotAllowed
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.permissions import stewards_anything
from peerqa.services import members, topics
from peerqa.services.colleagues import find_colleague
from peerqa.services.upkeep import keepers
from peerqa.web.lists import show_topic_page
from peerqa.web.pages import me, pages, see


@pages.post("/topics/<name>/keepers")
@open_to(Audience.MEMBERS)
def set_keeper(name: str) -> ResponseReturnValue:
    """Let a colleague keep the topic, or no more."""
    typed, gone = request.form.get("who", ""), read_id(request.form.get("gone"))
    try:
        with transaction() as session:
            topic = topics.get_visible_topic(session, me(), name)
            if gone is not None:
                member = members.get_member(session, me().organization_id, gone)
                keepers.dismiss_keeper(session, topic=topic, member=member, by=me(), at=utc_now())
            elif not stewards_anything(me()):
                raise NotAllowed(N_("Only stewards and admins say who keeps a topic."))
            else:
                member = find_colleague(session, me(), typed, field="member")
                keepers.appoint_keeper(session, topic=topic, member=member, by=me(), at=utc_now())
    except Invalid as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        return show_topic_page(name, typed=typed[:200], error=sentence, status=422)
    return see("show_topic", name=name, said="keeper" if gone is None else "no-keeper")
