"""Who may show a page in a frame, and how the sign-in travels there."""

from peerqa.gate import COOKIE
from tests.conftest import Browser


def ancestors(reply) -> str:
    policy = reply.headers["Content-Security-Policy"]
    return policy.partition("frame-ancestors ")[2].partition(";")[0]


def test_a_page_is_framed_by_nobody_else_unless_an_lms_is_known(browse, alice):
    assert ancestors(browse(alice).get("/")) == "'self'"


def test_a_page_is_framed_by_the_lms_of_the_readers_organization(app, browse, alice, carol):
    origins = {alice.organization_id: ["https://lms.example"]}
    app.extensions["peerqa.framed_by"] = lambda organization_id: origins.get(organization_id, [])
    try:
        assert ancestors(browse(alice).get("/")) == "'self' https://lms.example"
        assert ancestors(browse(carol).get("/")) == "'self'"
    finally:
        del app.extensions["peerqa.framed_by"]


def test_that_a_sign_in_has_ended_can_be_read_in_any_frame(app):
    client = app.test_client()

    assert ancestors(client.get("/ask")) == "*"
    assert ancestors(client.get("/sign-in")) == "*"
    assert ancestors(client.get("/sign-in/no-such-token")) == "'self'"


def test_in_a_frame_and_over_https_the_sign_in_is_a_partitioned_cookie(browse, alice, app):
    for more in ({"headers": {"Sec-Fetch-Dest": "iframe"}}, {"base_url": "https://ask.example"}):
        browser: Browser = browse(alice)
        cookie = browser.post("/sign-out", **more).headers["Set-Cookie"]

        assert cookie.startswith(f"{COOKIE}=;")
        assert "Secure" in cookie
        assert "SameSite=None" in cookie
        assert "Partitioned" in cookie
        assert "HttpOnly" in cookie


def test_over_plain_http_the_sign_in_is_a_cookie_of_this_site_alone(browse, alice):
    cookie = browse(alice).post("/sign-out").headers["Set-Cookie"]

    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Partitioned" not in cookie
