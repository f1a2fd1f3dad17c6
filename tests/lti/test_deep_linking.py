"""The response to a deep linking request, as the platform receives it."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lti.grading.grade_messages import resource_id
from lti.launching.refusals import LaunchRefused
from lti.models import Picking, Placement
from lti.placing import picking, placements
from lti.placing.deep_linking import ReturnAddressMissing, read_return_address
from peerqa.clock import utc_now
from tests.conftest import NOON
from tests.lti.courses import DL, ISSUER, LTI, RETURN_URL, items_of, pick_of


def test_each_kind_can_be_placed(session, begin, browse, read, teacher, course, space, question):
    for thing in (course.space, space, question.topics[0], question):
        path = begin()
        reply = browse(teacher).post(f"{path}/add", {"pick": pick_of(thing), "title": ""})

        _address, claims = read(reply)
        (item,) = items_of(claims)
        placed = placements.find_by_key(
            session, teacher.organization_id, item["custom"]["peerqa_id"]
        )
        assert (placed.kind, placed.context_id) == (placements.kind_of(thing), course.id)
        own_name = getattr(thing, "title", None) or thing.name
        assert item["title"] == ("Ask a colleague" if thing is course.space else own_name)
        assert (item["type"], item["url"]) == (
            "ltiResourceLink", "http://localhost:8000/lti/launch",
        )  # fmt: skip
        assert item["text"]
        assert "lineItem" not in item


def test_the_response_is_signed_and_says_what_the_specification_wants(
    begin, browse, read, teacher, course
):
    before = utc_now()
    reply = browse(teacher).post(f"{begin()}/add", {"pick": pick_of(course.space)})

    address, claims = read(reply)
    assert address == RETURN_URL
    assert (claims["iss"], claims["aud"]) == ("peerqa-1", [ISSUER])
    assert claims[f"{LTI}message_type"] == "LtiDeepLinkingResponse"
    assert (claims[f"{LTI}version"], claims[f"{LTI}deployment_id"]) == ("1.3.0", "1")
    assert int(before.timestamp()) <= claims["iat"] < claims["exp"] <= claims["iat"] + 600
    assert len(claims["nonce"]) >= 32
    assert f"{DL}data" not in claims


@pytest.mark.parametrize("data", ["", "csrf:1234", 'a "quoted" <ü>'])
def test_data_is_echoed_when_it_was_sent(begin, browse, read, teacher, course, data):
    path = begin(data=data)
    for reply in (
        browse(teacher).post(f"{path}/add", {"pick": pick_of(course.space)}),
        browse(teacher).post(f"{path}/cancel"),
    ):
        assert read(reply)[1][f"{DL}data"] == data


def test_the_page_may_send_its_form_to_the_platform(begin, browse, teacher, course):
    reply = browse(teacher).post(f"{begin()}/add", {"pick": pick_of(course.space)})

    policy = reply.headers["Content-Security-Policy"]
    assert "form-action 'self' https://lms.example.org https:;" in policy
    assert "script-src" not in policy
    assert "form-action 'self';" in browse(teacher).get("/").headers["Content-Security-Policy"]


def test_a_title_is_the_teachers(begin, browse, read, teacher, course):
    reply = browse(teacher).post(
        f"{begin()}/add", {"pick": pick_of(course.space), "title": "  Ask   <b>us</b> "}
    )

    assert items_of(read(reply)[1])[0]["title"] == "Ask <b>us</b>"


@pytest.mark.parametrize(
    ("targets", "has"),
    [(("iframe", "window"), "iframe"), (("window",), "window"), (("embed",), None), ((), None)],
)
def test_a_link_opens_where_the_platform_allows(begin, browse, read, teacher, course, targets, has):
    path = begin(accepts_targets=targets)
    item = items_of(read(browse(teacher).post(f"{path}/add", {"pick": pick_of(course.space)}))[1])[
        0
    ]

    assert {"iframe", "window"} & set(item) == ({has} if has else set())


def test_a_gradebook_column_comes_where_it_is_taken_and_wanted(
    begin, browse, read, teacher, course
):
    pick = pick_of(course.space)
    for accepted, wanted in ((True, True), (True, False), (False, True)):
        path = begin(accepts_line_item=accepted)
        form = {"pick": pick, "title": "Ask us"} | ({"column": pick} if wanted else {})
        item = items_of(read(browse(teacher).post(f"{path}/add", form))[1])[0]

        assert item.get("lineItem") == (
            {
                "label": "Ask us",
                "scoreMaximum": 10,
                "tag": "peerqa",
                "resourceId": resource_id(course.space_id),
            }
            if accepted and wanted
            else None
        )
    path = begin(accepts_line_item=True)
    page = browse(teacher).get(f"{path}/add", query_string={"pick": pick})
    assert "With a column in the gradebook" in page.text


def test_several_go_where_several_are_taken(begin, browse, read, teacher, course, space):
    picks = [pick_of(course.space), pick_of(space)]
    path = begin(accepts_several=True)
    reply = browse(teacher).post(f"{path}/add", {"pick": picks, "title": ["One", ""]})

    assert [item["title"] for item in items_of(read(reply)[1])] == ["One", "Workshop"]
    page = browse(teacher).get(f"{path}/add", query_string={"pick": picks})
    assert "Choose one more" in page.text


def test_several_are_refused_where_one_is_taken(session, begin, browse, teacher, course, space):
    picks = [pick_of(course.space), pick_of(space)]
    path = begin()

    reply = browse(teacher).post(f"{path}/add", {"pick": picks})

    assert reply.status_code == 422
    assert "The LMS takes one link at a time here." in reply.text
    assert "JWT" not in reply.text
    session.expire_all()
    assert session.scalars(select(Placement)).all() == []
    page = browse(teacher).get(f"{path}/add", query_string={"pick": picks})
    assert "Remove the others." in page.text


def test_who_turns_back_goes_back_with_nothing(begin, browse, read, teacher):
    address, claims = read(browse(teacher).post(f"{begin()}/cancel"))

    assert address == RETURN_URL
    assert items_of(claims) == []
    assert claims[f"{DL}msg"] == "Nothing was added."


def test_a_platform_that_takes_no_links_is_told_so(begin, browse, read, teacher, course):
    path = begin(accepts_types=("link", "file"))
    page = browse(teacher).get(path)
    forced = browse(teacher).post(f"{path}/add", {"pick": pick_of(course.space)})
    _address, claims = read(browse(teacher).post(f"{path}/cancel"))

    assert (page.status_code, forced.status_code) == (403, 403)
    assert "PeerQA can add links only." in page.text
    assert items_of(claims) == []
    assert "links only" in claims[f"{DL}errormsg"]
    assert "links only" in claims[f"{DL}errorlog"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "/mod/lti/return",
        "lms.example.org/return",
        "http://lms.example.org/return",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:secret@lms.example.org/",
        "https://lms.example.org;script-src *//",
        "https://lms.example.org, https://evil.example/",
        "https://lms.example.org/\r\nX: y",
        'https://lms.example.org/"onload=x',
        "https://[::1",
        "https://lms.example.org/" + "x" * 4000,
    ],
)
def test_an_address_that_no_form_may_be_sent_to_is_refused(begin, url):
    with pytest.raises(LaunchRefused) as refusal:
        begin(return_url=url)

    assert refusal.value.status == 400
    assert refusal.value.code == f"return-address-{'unsafe' if url else 'missing'}"


@pytest.mark.parametrize(
    "url",
    [
        "https://school.instructure.com/courses/7/deep_linking_response?modal=true",
        "https://lms.example.org:8443/x?y=%20&z=a+b#c",
        "https://[2001:db8::1]:8443/x",
    ],
)
def test_any_https_address_that_the_platform_signed_will_do(url):
    assert read_return_address(url, allows_http=False) == url


def test_the_demos_lms_has_no_https():
    address = "http://127.0.0.1:9000/deep-link"

    assert read_return_address(address, allows_http=True) == address


def test_a_request_without_settings_is_refused(app, session, campus, course, teacher):
    enrolled = SimpleNamespace(member=teacher, account=None, context=course, space=course.space)
    launch = campus.launch(course)

    with app.test_request_context(), pytest.raises(ReturnAddressMissing):
        picking.begin(session, launch, enrolled, campus.deployment, at=NOON)
    assert session.scalars(select(Picking)).all() == []
