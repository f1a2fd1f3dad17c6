"""The picker: who may choose what, for whom it opens, and for how long."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from lti.models import Picking, Placement
from peerqa.clock import utc_now
from peerqa.services import spaces, topics
from tests.conftest import NOON
from tests.lti.courses import ISSUER, RETURN_URL, items_of, keep, pick_of


def test_the_picker_offers_the_courses_board_first(begin, browse, teacher, course, space, question):
    page = browse(teacher).get(begin())

    assert page.status_code == 200
    order = [page.text.index(text) for text in ("This course's board", "label-printer", "Workshop")]
    assert order == sorted(order)
    assert "Add PeerQA to “Forklifts”" in page.text


def test_a_question_is_found_by_searching(session, app, begin, browse, teacher, question):
    session.commit()
    app.extensions["peerqa.search"].update([str(question.id)])

    page = browse(teacher).get(begin(), query_string={"q": "label printer"})

    assert f"pick=question-{question.id}" in page.text


def test_a_title_that_is_too_long_is_refused_beside_its_field(
    session, begin, browse, teacher, course
):
    reply = browse(teacher).post(
        f"{begin()}/add", {"pick": pick_of(course.space), "title": "x" * 151}
    )

    assert reply.status_code == 422
    assert "at most 150 characters" in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert session.scalars(select(Placement)).all() == []


def test_sending_twice_places_once(session, begin, browse, read, teacher, course):
    path = begin()
    sent = [browse(teacher).post(f"{path}/add", {"pick": pick_of(course.space)}) for _ in "ab"]

    first, second = (read(reply)[1] for reply in sent)
    assert items_of(first) == items_of(second)
    assert first["nonce"] != second["nonce"]
    assert len(session.scalars(select(Placement)).all()) == 1


@pytest.mark.parametrize(
    "pick", ["", "space", "space-", "space-0", "guide-1", "space-²", "topic-" + "9" * 5000]
)
def test_what_is_no_choice_places_nothing(session, begin, browse, teacher, pick):
    path = begin()

    assert browse(teacher).get(f"{path}/add", query_string={"pick": pick}).status_code == 404
    assert browse(teacher).post(f"{path}/add", {"pick": pick}).status_code == 422
    assert session.scalars(select(Placement)).all() == []


def test_what_one_may_not_see_cannot_be_placed(
    session, begin, browse, teacher, closed_space, carol
):
    theirs = spaces.make_space(session, organization=carol.organization, name="Lab", at=NOON)
    (topic,) = topics.make_topics(session, carol.organization_id, ["lasers"])
    path = begin()

    for thing in (closed_space, theirs, topic):
        reply = browse(teacher).post(f"{path}/add", {"pick": pick_of(thing)})
        assert (reply.status_code, "JWT" in reply.text) == (422, False)
    page = browse(teacher).get(path).text
    assert not [name for name in ("Pay<", "Lab<", "lasers") if name in page]


def test_learners_are_sent_back_kindly(begin, browse, read, course, alice):
    path = begin(by=alice)
    page = browse(alice).get(path)
    forced = browse(alice).post(f"{path}/add", {"pick": pick_of(course.space)})

    assert (page.status_code, forced.status_code) == (403, 403)
    assert "Only those who teach a course" in page.text
    assert items_of(read(browse(alice).post(f"{path}/cancel"))[1]) == []


def test_admins_may_choose_for_any_course_and_outside_of_courses(
    begin, browse, read, admin, teacher, course, space
):
    for context in (course, None):
        path = begin(by=admin, context=context)
        assert browse(admin).get(path).status_code == 200
        assert items_of(read(browse(admin).post(f"{path}/add", {"pick": pick_of(space)}))[1])
    assert "which course this is for" in browse(teacher).get(begin(context=None)).text


def test_the_picker_is_one_members(session, begin, browse, steward, admin, carol, course):
    path = begin()

    for other in (keep(session, steward, course.space), admin, carol):
        for reply in (
            browse(other).get(path),
            browse(other).get(f"{path}/add", query_string={"pick": pick_of(course.space)}),
            browse(other).post(f"{path}/add", {"pick": pick_of(course.space)}),
            browse(other).post(f"{path}/cancel"),
        ):
            assert (reply.status_code, "JWT" in reply.text) == (404, False)


def test_a_form_of_another_browser_is_refused(session, begin, browse, teacher, course):
    reply = browse(teacher).post(
        f"{begin()}/add", {"pick": pick_of(course.space), "csrf_token": "0" * 64}
    )

    assert reply.status_code == 403
    assert session.scalars(select(Placement)).all() == []


def test_a_key_that_was_changed_opens_nothing(begin, browse, teacher):
    path = begin()
    changed = path[:-1] + ("A" if path[-1] != "A" else "B")

    assert browse(teacher).get(changed).status_code == 404
    assert browse(teacher).get("/lti/pick/%00").status_code == 404


def test_the_picker_ends_after_an_hour(session, begin, browse, teacher):
    path = begin(at=utc_now() - timedelta(hours=1, seconds=1))

    assert browse(teacher).get(path).status_code == 404
    begin()
    assert len(session.scalars(select(Picking)).all()) == 1


def test_no_return_address_of_a_form_is_trusted(begin, browse, read, teacher, course):
    evil = "https://evil.example/"
    form = {"pick": pick_of(course.space), "return_url": evil, "deep_link_return_url": evil}

    reply = browse(teacher).post(f"{begin()}/add?return_url={evil}", form)

    assert read(reply)[0] == RETURN_URL
    assert "evil" not in reply.text


def test_the_key_of_a_picker_is_not_stored(session, begin, teacher):
    key = urlsplit(begin()).path.rsplit("/", 1)[1]

    row = session.scalars(select(Picking)).one()
    assert key not in {str(value) for value in vars(row).values()}


def test_the_picker_may_be_framed_by_the_organizations_platforms(
    app, monkeypatch, begin, browse, teacher
):
    monkeypatch.setitem(app.extensions, "peerqa.framed_by", lambda _id: (ISSUER,))

    policy = browse(teacher).get(begin()).headers["Content-Security-Policy"]

    assert f"frame-ancestors 'self' {ISSUER};" in policy
