"""The demo LMS's token endpoint, roster and gradebook: as strict as the texts, as odd as Moodle."""

from datetime import timedelta

import pytest

from peerqa.demo.lms.keyring import make_key
from peerqa.demo.registration import CLIENT_ID, SCOPES
from tests.demo.academy import ADDRESS, FIRST_LINK, ITEM, SCORE

ROSTER = f"{ADDRESS}/lti/courses/c-201/memberships?client={CLIENT_ID}"
ITEMS = f"{ADDRESS}/lti/courses/c-201/lineitems?client={CLIENT_ID}"
ROSTER_SCOPE, SCORE_SCOPE = SCOPES[4], SCOPES[3]


def test_a_token_is_sold_for_the_scopes_that_are_granted(academy):
    academy.lms.world.tools[CLIENT_ID].scopes = [ROSTER_SCOPE]

    sold = academy.buy(ROSTER_SCOPE, SCORE_SCOPE, "made-up").json

    assert (sold["scope"], sold["token_type"], sold["expires_in"]) == (
        ROSTER_SCOPE, "Bearer", 3600,
    )  # fmt: skip
    assert academy.buy(SCORE_SCOPE).json["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"iss": "somebody"}, "client id"),
        ({"sub": "somebody"}, "sub"),
        ({"sub": None}, "sub"),
        ({"aud": ADDRESS}, "aud"),
        ({"aud": f"{ADDRESS}/lti/token/"}, "aud"),
        ({"aud": None}, "aud"),
        ({"jti": None}, "jti"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"exp": 1_600_000_000}, "expired"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_060}, "future"),
    ],
)
def test_a_wrong_assertion_buys_nothing(academy, changes, sentence):
    reply = academy.buy(assertion=academy.assertion(**changes))

    assert (reply.status_code, reply.json["error"]) in {
        (400, "invalid_client"), (401, "invalid_client"),
    }  # fmt: skip
    assert sentence in reply.json["error_description"]


def test_an_assertion_lasts_five_minutes_at_most_and_works_once(academy):
    now = int(academy.lms.now().timestamp())
    long = academy.assertion(exp=now + 301)
    once = academy.assertion(exp=now + 300)

    assert "longer" in academy.buy(assertion=long).json["error_description"]
    assert academy.buy(assertion=once).status_code == 200
    assert "before" in academy.buy(assertion=once).json["error_description"]


def test_an_assertion_by_another_key_buys_nothing(academy):
    claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": f"{ADDRESS}/lti/token"}
    now = int(academy.lms.now().timestamp())
    more = {"iat": now, "exp": now + 60, "jti": "j"}

    stolen = academy.sign(claims | more, key=make_key())
    nameless = academy.sign(claims | more, kid=None)

    assert "no key" in academy.buy(assertion=stolen).json["error_description"]
    assert academy.buy(assertion=nameless).status_code == 400
    assert academy.buy(assertion="no token").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{"grant_type": "password"}, {"client_assertion_type": "jwt"}, {"client_assertion_type": ""}],
)
def test_only_client_credentials_with_a_jwt_are_taken(academy, changes):
    assert academy.buy(**changes).status_code == 400


def test_the_roster_comes_in_pages_with_a_link_to_the_next(academy):
    seen, url, pages = [], ROSTER, 0
    while url:
        reply = academy.call("GET", url)
        seen += reply.json["members"]
        links = [line for line in reply.headers.getlist("Link") if 'rel="next"' in line]
        url = links[0].partition(">")[0].lstrip("<") if links else ""
        pages += 1

    states = {entry["user_id"]: entry["status"] for entry in seen}
    assert pages == 4
    assert len(states) == 10
    assert (states["B6610e9d"], states["b6610e9d"]) == ("Inactive", "Deleted")
    assert {"name", "email"} <= seen[0].keys()
    private = next(entry for entry in seen if entry["user_id"] == "5ea7b3f8")
    assert private.keys() == {"status", "user_id", "roles"}


def test_the_roster_can_be_asked_by_role_and_limit(academy):
    teachers = academy.call("GET", f"{ROSTER}&role=Instructor").json["members"]
    few = academy.call("GET", f"{ROSTER}&limit=2").json["members"]

    assert {entry["user_id"] for entry in teachers} == {"77e05ad1", "d2b8194f"}
    assert teachers[0]["roles"] == ["Instructor"]
    assert len(few) == 2
    assert academy.call("GET", f"{ROSTER}&limit=none").status_code == 400


def test_the_roster_wants_its_scope_its_course_and_its_media_type(academy):
    other = ROSTER.replace("c-201", "c-999")

    assert academy.call("GET", ROSTER, scope=SCORE_SCOPE).status_code == 403
    assert academy.call("GET", other).status_code == 404
    assert academy.call("GET", ROSTER.partition("?")[0]).status_code == 404
    headers = academy.bearer() | {"Accept": "application/json"}
    assert academy.get(ROSTER.removeprefix(ADDRESS), headers=headers).status_code == 406


def test_a_token_ends(academy):
    headers = academy.bearer()
    academy.pass_time(hours=1)

    path = ROSTER.removeprefix(ADDRESS)
    assert academy.get(path, headers=headers).status_code == 401
    assert academy.get(path, headers={"Authorization": "Bearer made-up"}).status_code == 401
    assert academy.get(path).status_code == 401


def test_a_withdrawn_scope_is_gone_from_tokens_too(academy):
    headers = academy.bearer()
    academy.lms.world.tools[CLIENT_ID].scopes = [SCORE_SCOPE]

    assert academy.get(ROSTER.removeprefix(ADDRESS), headers=headers).status_code == 403


def test_a_column_is_made_shown_changed_and_deleted(academy):
    url = academy.make_column(resourceLinkId=FIRST_LINK, tag="help")

    assert academy.call("GET", url).json == {
        "id": url, "label": "Help", "scoreMaximum": 10.0, "resourceLinkId": FIRST_LINK,
        "tag": "help",
    }  # fmt: skip
    changed = {"label": "More", "scoreMaximum": 5, "resourceLinkId": FIRST_LINK}
    assert academy.call("PUT", url, changed, kind=ITEM).json["label"] == "More"
    assert [item["id"] for item in academy.call("GET", f"{ITEMS}&tag=help").json] == []
    assert len(academy.call("GET", f"{ITEMS}&resource_link_id={FIRST_LINK}").json) == 1
    assert academy.call("DELETE", url).status_code == 204
    assert academy.call("GET", url).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"label": ""}, {"label": None}, {"scoreMaximum": 0}, {"scoreMaximum": "10"},
        {"scoreMaximum": True}, {"resourceLinkId": "made-up"}, {"resourceLinkId": "link-c-202"},
        {"tag": 7}, {"tag": "x" * 257},
    ],
)  # fmt: skip
def test_a_wrong_column_is_not_made(academy, changes):
    body = {"label": "Help", "scoreMaximum": 10} | changes

    assert academy.call("POST", ITEMS, body, kind=ITEM).status_code == 400
    assert academy.lms.world.columns == {}


def test_columns_want_their_scopes_and_their_media_type(academy):
    readonly, body = SCOPES[1], {"label": "Help", "scoreMaximum": 10}

    assert academy.call("POST", ITEMS, body, scope=readonly, kind=ITEM).status_code == 403
    assert academy.call("POST", ITEMS, body, kind="application/json").status_code == 415
    assert academy.call("GET", ITEMS, scope=readonly).status_code == 200
    assert academy.call("GET", ITEMS, scope=SCORE_SCOPE).status_code == 403


def test_the_activity_of_a_column_stays_what_it_is(academy):
    url = academy.make_column(resourceLinkId=FIRST_LINK)
    body = {"label": "Help", "scoreMaximum": 10}

    assert academy.call("PUT", url, body, kind=ITEM).status_code == 400


def test_a_score_is_taken_with_an_empty_200_and_becomes_a_result(academy):
    column = academy.make_column()
    reply = academy.score(column, comment="Well done")
    base, _, query = column.partition("?")

    results = academy.call("GET", f"{base}/results?{query}").json

    assert (reply.status_code, reply.data) == (200, b"")
    assert [(r["userId"], r["resultScore"], r["comment"]) for r in results] == [
        ("a41f6c02", 7.0, "Well done")
    ]
    assert academy.call("GET", f"{base}/results?{query}&user_id=0c93d7be").json == []


@pytest.mark.parametrize("who", ["77e05ad1", "nobody", "b6610e9d", "A41F6C02", None])
def test_who_cannot_be_graded_is_refused_with_nothing_at_all(academy, who):
    reply = academy.score(academy.make_column(), userId=who)

    assert (reply.status_code, reply.data) == (400, b"")


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "2026-06-01T12:00:00"}, {"timestamp": "yesterday"}, {"timestamp": None},
        {"activityProgress": "Done"}, {"activityProgress": None}, {"gradingProgress": "Graded"},
        {"scoreMaximum": None}, {"scoreMaximum": 0}, {"scoreGiven": -1}, {"scoreGiven": "7"},
        {"comment": 7},
    ],
)  # fmt: skip
def test_a_wrong_score_is_refused(academy, changes):
    assert academy.score(academy.make_column(), **changes).status_code == 400


def test_a_score_must_be_newer_than_the_last(academy):
    column = academy.make_column()
    academy.score(column)

    assert academy.score(column).status_code == 409
    earlier = (academy.now - timedelta(seconds=1)).isoformat()
    assert academy.score(column, timestamp=earlier).status_code == 409
    later = (academy.now + timedelta(milliseconds=1)).isoformat()
    assert academy.score(column, timestamp=later).status_code == 200


def test_a_score_from_the_future_blocks_those_that_follow(academy):
    column = academy.make_column()
    future = (academy.now + timedelta(hours=1)).isoformat()

    assert academy.score(column, timestamp=future).status_code == 200
    academy.pass_time(minutes=30)
    assert academy.score(column).status_code == 409


def test_a_score_that_is_not_final_erases_the_grade(academy):
    column = academy.make_column()
    academy.score(column)
    later = (academy.now + timedelta(seconds=1)).isoformat()
    academy.score(column, timestamp=later, gradingProgress="Pending", scoreGiven=None)

    base, _, query = column.partition("?")
    assert academy.call("GET", f"{base}/results?{query}").json == []


def test_scores_go_before_the_query_under_their_own_media_type_and_scope(academy):
    column = academy.make_column()
    base, _, query = column.partition("?")
    body = {"userId": "a41f6c02"}

    assert academy.call("POST", f"{column}/scores", body, kind=SCORE).status_code in {404, 405}
    url = f"{base}/scores?{query}"
    assert academy.call("POST", url, body, kind="application/json").status_code == 415
    assert academy.call("POST", url, body, kind=SCORE, scope=SCOPES[0]).status_code == 403


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503, 0])
def test_a_service_fails_as_it_is_told_and_then_works(academy, status):
    academy.lms.fail("roster", status, retry_after=7)

    failed = academy.call("GET", ROSTER)

    assert failed.status_code == (status or 503)
    assert (failed.data, failed.headers["Retry-After"]) == (b"", "7")
    assert academy.call("GET", ROSTER).status_code == 200


def test_the_token_endpoint_and_the_key_set_can_fail_too(academy):
    academy.lms.fail("token", 500)
    academy.lms.fail("keys", 503, times=2)

    assert academy.buy().status_code == 500
    assert [academy.get("/lti/keys").status_code for _ in range(3)] == [503, 503, 200]


def test_the_date_is_that_of_the_lms(academy):
    academy.lms.switches.clock_ahead_seconds = 3600

    ahead = academy.get("/lti/keys").date - academy.now

    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)
