"""The audit trail on screen: for admins of the organization alone, by page and by filter."""

import pytest

from peerqa.services import audit
from tests.conftest import NOON


@pytest.fixture
def trail(session, admin, bob, question, carol):
    audit.record(session, "token.created", by=bob, thing=bob, at=NOON)
    for number in range(55):
        audit.record(session, "anonymity.asked", by=admin, thing=question, at=NOON,
                     why=f"A threat <{number}>")  # fmt: skip
    audit.record(session, "token.created", by=carol, thing=carol, at=NOON)
    audit.seal(session)
    session.commit()


def test_an_admin_reads_the_trail_of_their_organization(browse, admin, carol, trail):
    browser = browse(admin)

    first = browser.get("/admin/audit").text
    rest = browser.get("/admin/audit?before=7").text
    tokens = browser.get("/admin/audit?about=token&since=2026-06-01&until=2026-06-01").text

    assert "A threat &lt;54&gt;" in first
    assert "Bob Builder" not in first
    assert "Bob Builder" in rest
    assert "Bob Builder" in tokens
    assert "A threat" not in tokens
    assert carol.name not in first + rest + tokens
    assert "No entry is like this" in browser.get("/admin/audit?since=2026-06-02").text


@pytest.mark.parametrize("bad", ["about=nonsense", "since=yesterday", "until=9999-12-31"])
def test_a_filter_that_cannot_be_is_said(browse, admin, trail, bad):
    assert browse(admin).get(f"/admin/audit?{bad}&_anchor=x").status_code == 422
