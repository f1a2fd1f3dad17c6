"""The picker: what a teacher sees when the LMS asks what a new link shall open.

Deep Linking 2.0 section 2.3 (workflow). The request's settings are a row that the browser knows by
a random key; it is one member's, and a form needs the CSRF token of that member's browser besides.
What was chosen so far stands in the address, so going back, reloading and sending twice are
harmless, and nothing needs JavaScript but the last step's not having to press a button.
"""

from datetime import datetime, timedelta

from flask import Response, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from lti.launching.launch import Launch
from lti.models import Deployment, Picking
from lti.origins import origin_of
from lti.pages import lti
from lti.people.enrolment import Enrolled
from lti.placing import choices, deep_linking, placements
from lti.placing.choices import Choice
from lti.placing.deep_linking import NOTHING_SAID, Item, Reply
from peerqa.clock import utc_now
from peerqa.database import db, one_line, transaction
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.gate import Audience, allow_forms_to, instance_key, open_to, settings
from peerqa.permissions import is_steward
from peerqa.secrets import hash_token, new_token

LASTS = timedelta(hours=1)


def begin(
    session: Session, launch: Launch, enrolled: Enrolled, deployment: Deployment, *, at: datetime
) -> str:
    """Keep what a verified deep linking request asks for; returns the path of the picker.

    Raises:
        ReturnAddressMissing: the request does not say where the choice goes.
        ReturnAddressUnsafe: no form may be sent there.
    """
    offer = launch.deep_linking
    address = deep_linking.read_return_address(
        offer.return_url if offer else "", allows_http=settings().demo
    )
    assert offer is not None
    key = new_token()
    session.execute(delete(Picking).where(Picking.expires_at <= at))
    session.add(
        Picking(
            key_hash=hash_token(key),
            member_id=enrolled.member.id,
            deployment=deployment,
            context=enrolled.context,
            return_url=address,
            accepts_types=list(offer.accepts_types),
            accepts_targets=list(offer.accepts_targets),
            accepts_several=offer.accepts_several,
            accepts_line_item=offer.accepts_line_item,
            data=offer.data,
            created_at=at,
            expires_at=at + LASTS,
        )
    )
    session.flush()
    return url_for("lti.pick", key=key)


@lti.get("/lti/pick/<key>")
@open_to(Audience.MEMBERS)
def pick(key: str) -> ResponseReturnValue:
    """Show what can be placed, this course's board first."""
    picking = _get_picking(db.session(), key)
    if refused := _find_refusal(picking):
        return _show_refused(key, refused)
    chosen = choices.read_choices(
        db.session(), g.member, picking.context, request.args.getlist("pick")
    )
    query = one_line(request.args.get("q", ""))[:300]
    return render_template(
        "lti/pick.html",
        key=key,
        picking=picking,
        chosen=chosen,
        query=query,
        found=choices.search_questions(db.session(), g.member, query) if query else [],
        offered=choices.list_offered(db.session(), g.member, picking.context),
    )


@lti.get("/lti/pick/<key>/add")
@open_to(Audience.MEMBERS)
def confirm_pick(key: str) -> ResponseReturnValue:
    """Show what was chosen, with the titles that it gets in the course."""
    picking = _get_picking(db.session(), key)
    if refused := _find_refusal(picking):
        return _show_refused(key, refused)
    chosen = choices.read_choices(
        db.session(), g.member, picking.context, request.args.getlist("pick")
    )
    if not chosen:
        raise NotFound(N_("What you chose is gone. Go back and choose again."))
    return _show_chosen(key, picking, chosen)


@lti.post("/lti/pick/<key>/add")
@open_to(Audience.MEMBERS)
def place(key: str) -> ResponseReturnValue:
    """Keep what was chosen, and send the browser back with it."""
    at = utc_now()
    titles = request.form.getlist("title")
    with transaction() as session:
        picking = _get_picking(session, key)
        if refused := _find_refusal(picking):
            raise NotAllowed(refused)
        picks = request.form.getlist("pick")
        chosen = choices.read_choices(session, g.member, picking.context, picks)
        if not chosen or len(chosen) != len(set(picks)):
            raise Invalid(N_("What you chose is gone. Go back and choose again."), field="pick")
        try:
            named = choices.with_titles(chosen, titles)
        except Invalid as refusal:
            sentence = gettext(refusal.sentence, **refusal.context)
            return _show_chosen(key, picking, chosen, titles=titles, error=sentence, status=422)
        items = [_place(session, picking, choice, key=key, at=at) for choice in named]
        return _send_back(session, picking, items, at=at)


@lti.post("/lti/pick/<key>/cancel")
@open_to(Audience.MEMBERS)
def cancel_pick(key: str) -> ResponseReturnValue:
    """Go back to the LMS with nothing: because the person wants to, or cannot choose."""
    at = utc_now()
    with transaction() as session:
        picking = _get_picking(session, key)
        refused = _find_refusal(picking)
        reply = Reply(message=gettext(N_("Nothing was added.")))
        if refused:
            reply = Reply(error=gettext(refused), error_log=refused)
        return _send_back(session, picking, [], at=at, reply=reply)


def _get_picking(session: Session, key: str) -> Picking:
    """Return what this member was asked.

    Raises:
        NotFound: nothing, by this key; the same for another member's, and for what is too old.
    """
    picking = session.scalars(
        select(Picking)
        .where(
            Picking.key_hash == hash_token(key),
            Picking.member_id == g.member.id,
            Picking.expires_at > utc_now(),
        )
        .options(
            joinedload(Picking.deployment).joinedload(Deployment.platform),
            joinedload(Picking.context),
        )
    ).one_or_none()
    if picking is None:
        raise NotFound(
            N_("This page is too old, or it belongs to somebody else. Begin again in the course.")
        )
    return picking


def _find_refusal(picking: Picking) -> str | None:
    """Return why nothing can be chosen, as an untranslated sentence, or None."""
    if not deep_linking.takes_links(picking):
        return N_("The LMS asks for something else here than a link. PeerQA can add links only.")
    context = picking.context
    if g.member.is_admin or (context is not None and is_steward(g.member, context.space_id)):
        return None
    if context is None:
        return N_("The LMS did not say which course this is for. Only admins of PeerQA can go on.")
    return N_("Only those who teach a course can add PeerQA to it. Ask them to place this link.")


def _show_refused(key: str, sentence: str) -> ResponseReturnValue:
    page = render_template("lti/pick_refused.html", key=key, sentence=gettext(sentence))
    return make_response(page, NotAllowed.status)


def _show_chosen(
    key: str,
    picking: Picking,
    chosen: list[Choice],
    *,
    titles: list[str] | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    page = render_template(
        "lti/pick_add.html",
        key=key,
        picking=picking,
        chosen=chosen,
        titles=titles or [choice.title for choice in chosen],
        error=error,
        too_many=len(chosen) > 1 and not picking.accepts_several,
        longest=choices.LONGEST_TITLE,
    )
    return make_response(page, status)


def _place(session: Session, picking: Picking, choice: Choice, *, key: str, at: datetime) -> Item:
    """Keep one choice; sending the same form again keeps it once."""
    placement = placements.make_placement(
        session,
        thing=choice.thing,
        context=picking.context,
        by=g.member,
        at=at,
        key=instance_key().digest("placement", key, choice.pick)[:40],
    )
    wants_column = choice.is_own and choice.pick in request.form.getlist("column")
    return Item(
        placement.key,
        choice.title,
        choice.text,
        column_of=placement.space_id if wants_column else None,
    )


def _send_back(
    session: Session,
    picking: Picking,
    items: list[Item],
    *,
    at: datetime,
    reply: Reply = NOTHING_SAID,
) -> Response:
    """Answer with the form that carries the response to the platform.

    A browser holds form-action against every redirect after the form too; a platform may send it
    through hosts that we cannot know, so any https address is allowed on this page, which has no
    other form and nothing that somebody typed in an attribute.
    """
    token = deep_linking.make_response(
        session, instance_key(), picking, items,
        target=f"{settings().address}/lti/launch", at=at, reply=reply,
    )  # fmt: skip
    origin = origin_of(picking.return_url)
    assert origin is not None, "begin() has checked it"
    allow_forms_to(origin, "https:")
    page = render_template("lti/pick_done.html", address=picking.return_url, token=token)
    return make_response(page)
