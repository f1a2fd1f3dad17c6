"""The page of a case: what each reads, appeals and decides."""

import pytest

from peerqa.services.recognition import fair_play
from tests.conftest import NOON
from tests.services.recognition.test_fair_play import WHY, case, crowd  # noqa: F401 - fixtures


@pytest.fixture
def address(session, case):  # noqa: F811
    session.commit()
    return f"/fairness/{case.id}"


def test_appeal_and_decision_by_the_pages(browse, address, alice, bob, admin):
    page = browse(bob)
    assert address in page.get("/ledger").text
    text = page.get(address).text
    assert "Many times “helped me too” within minutes" in text
    assert "10 lines of your ledger were taken back." in text
    assert "Alice" not in text
    refused = page.post(f"{address}/appeal", {"text": "No."})
    assert (refused.status_code, "Say why, in a sentence." in refused.text) == (422, True)
    assert (
        "Your appeal waits"
        in page.post(f"{address}/appeal", {"text": WHY}, follow_redirects=True).text
    )

    keeper = browse(admin)
    assert "appealed" in keeper.get("/admin/fairness").text
    text = keeper.get(address).text
    assert "Alice Asker, for Bob Builder: 10 votes" in text
    assert WHY in text
    sent = {"act": "overturn", "text": WHY}
    assert "Decided." in keeper.post(f"{address}/decision", sent, follow_redirects=True).text
    assert "It was given back." in page.get(address).text
    assert "10 votes of yours count no points." in browse(alice).get(address).text


def test_nobody_else_finds_it(browse, address, steward, carol):
    for each in (steward, carol):
        assert browse(each).get(address).status_code == 404
    assert browse(steward).get("/admin/fairness").status_code == 403


def test_a_case_in_which_nothing_is_left(session, browse, organization, admin):
    assert "Nothing was found." in browse(admin).get("/admin/fairness").text
    assert fair_play.look(session, organization.id, at=NOON) == []
