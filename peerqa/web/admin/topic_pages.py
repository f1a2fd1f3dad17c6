"""Topics, for admins: the list, and a page for each with what can be done about it."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Conflict, Invalid
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.services.admin import topic_keeping, topic_list
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text


@pages.get("/admin/topics")
@open_to(Audience.ADMINS)
def keep_topics() -> ResponseReturnValue:
    """Show the topics with their counts, some at a time, and find one."""
    typed, only_unused = request.args.get("q", "")[:100], request.args.get("show") == "unused"
    listed = topic_list.list_page(
        db.session(),
        me(),
        typed=typed,
        only_unused=only_unused,
        after=read_id(request.args.get("after")),
    )
    return show("admin/topics.html", listed=listed, typed=typed, only_unused=only_unused)


@pages.get("/admin/topics/<id:topic_id>")
@open_to(Audience.ADMINS)
def keep_topic(topic_id: int) -> ResponseReturnValue:
    """Show a topic, and what can be done about it."""
    return _show(topic_id)


@pages.post("/admin/topics/<id:topic_id>")
@open_to(Audience.ADMINS)
@keeps_text(lambda topic_id: _show(topic_id))
def rename_topic(topic_id: int) -> ResponseReturnValue:
    """Save its name and what it is about."""
    form = request.form
    try:
        with transaction() as session:
            topic, _ = topic_list.get_topic(session, me(), topic_id)
            topic_keeping.rename(
                session,
                topic=topic,
                name=form.get("name", ""),
                about=form.get("about", ""),
                by=me(),
                at=utc_now(),
            )
    except (Invalid, Conflict) as refusal:
        return _show(topic_id, refusal, at="name")
    return see("keep_topic", topic_id=topic_id, said="edited")


@pages.post("/admin/topics/<id:topic_id>/synonyms")
@open_to(Audience.ADMINS)
@keeps_text(lambda topic_id: _show(topic_id))
def save_synonym(topic_id: int) -> ResponseReturnValue:
    """Add another name, or take one away."""
    try:
        with transaction() as session:
            topic, _ = topic_list.get_topic(session, me(), topic_id)
            if gone := request.form.get("remove"):
                topic_keeping.remove_synonym(session, topic=topic, name=gone, by=me(), at=utc_now())
            else:
                name = request.form.get("synonym", "")
                topic_keeping.add_synonym(session, topic=topic, name=name, by=me(), at=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(topic_id, refusal, at="synonym")
    return see("keep_topic", topic_id=topic_id, said="edited")


@pages.get("/admin/topics/<id:topic_id>/join")
@open_to(Audience.ADMINS)
def preview_join(topic_id: int) -> ResponseReturnValue:
    """Show what joining two topics would do."""
    name = request.args.get("into", "")[:200]
    try:
        plan = topic_keeping.plan_joining(db.session(), me(), topic_id, name)
    except (Invalid, Conflict) as refusal:
        return _show(topic_id, refusal, at="into")
    return show("admin/topic_join.html", plan=plan)


@pages.post("/admin/topics/<id:topic_id>/join")
@open_to(Audience.ADMINS)
def join_topics(topic_id: int) -> ResponseReturnValue:
    """Join a topic to another one."""
    name = request.form.get("into", "")[:200]
    try:
        with transaction() as session:
            into = topic_keeping.join(session, topic_id=topic_id, name=name, by=me(), at=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(topic_id, refusal, at="into")
    return see("keep_topic", topic_id=into.id, said="topics-joined")


@pages.post("/admin/topics/<id:topic_id>/delete")
@open_to(Audience.ADMINS)
def delete_topic(topic_id: int) -> ResponseReturnValue:
    """Delete a topic that no question is about."""
    try:
        with transaction() as session:
            topic, _ = topic_list.get_topic(session, me(), topic_id)
            topic_keeping.delete_topic(session, topic=topic, by=me(), at=utc_now())
    except Conflict as refusal:
        return _show(topic_id, refusal, at="delete")
    return see("keep_topics", said="deleted-topic")


def _show(
    topic_id: int, refusal: Invalid | Conflict | None = None, *, at: str = ""
) -> ResponseReturnValue:
    session = db.session()
    topic, count = topic_list.get_topic(session, me(), topic_id)
    field = refusal.context.get("field") or getattr(refusal, "field", "") if refusal else ""
    return show(
        "admin/topic.html",
        status=refusal.status if refusal else 200,
        topic=topic,
        count=count,
        synonyms=topic_list.read_synonyms(session, [topic.id]).get(topic.id, []),
        name=request.form.get("name", topic.name),
        about=request.form.get("about", topic.about),
        synonym=request.form.get("synonym", ""),
        into=request.values.get("into", ""),
        field="about" if field == "about" else at,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
