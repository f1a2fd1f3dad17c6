"""Imprint, privacy and terms: for members, and on wish for whoever has the address."""

import pytest

from peerqa import identity
from peerqa.clock import utc_now
from peerqa.errors import Invalid, NotAllowed
from peerqa.services.admin import legal
from tests.conftest import NOON
from tests.web.conftest import text_of


def save(session, by, *, is_public=False, **texts):
    legal.save_pages(session, texts, is_public=is_public, by=by, at=NOON)
    session.commit()


def test_pages_are_linked_and_read_by_the_members_alone(app, session, browse, admin, bob, carol):
    browser = browse(admin)
    sent = browser.post(
        "/admin/legal", {"imprint": "**Northwind** <script>x</script>", "terms": " "}
    )
    assert sent.status_code == 303

    home = browse(bob).get("/").text
    assert 'href="/legal/imprint"' in home
    assert "/legal/terms" not in home
    page = browse(bob).get("/legal/imprint").text
    assert "<strong>Northwind</strong>" in page
    assert "<script>x" not in page
    assert browse(carol).get("/legal/imprint").status_code == 404
    assert "/legal/" not in browse(carol).get("/").text
    stranger = app.test_client()
    assert stranger.get("/legal/imprint").status_code == 401
    assert "/legal/" not in stranger.get("/sign-in").text
    browser.post("/admin/legal", {"imprint": ""})
    assert "/legal/" not in browse(bob).get("/").text


def test_whoever_has_the_address_reads_them_until_it_is_taken_back(app, session, admin, bob):
    save(session, admin, imprint="Northwind Ltd.", is_public=True)
    token = admin.organization.legal_token
    stranger = app.test_client()
    public = f"/legal/{token}/imprint"

    assert "Northwind Ltd." in stranger.get(public).text
    missing = stranger.get("/legal/no-such-address/imprint")
    assert missing.status_code == stranger.get(f"/legal/{token}/terms").status_code == 404
    link = identity.make_link(session, bob, at=utc_now(), minutes=5)
    session.commit()
    assert public in stranger.get(f"/sign-in/{link}").text

    save(session, admin, imprint="Northwind Ltd.", is_public=True)
    assert admin.organization.legal_token == token
    save(session, admin, imprint="Northwind Ltd.", is_public=False)
    gone = stranger.get(public)
    assert (gone.status_code, text_of(gone)) == (404, text_of(missing))


def test_what_is_too_long_is_refused_and_kept_in_the_form(session, browse, admin, bob):
    browser = browse(admin)

    refused = browser.post("/admin/legal", {"privacy": "x" * 20_001, "terms": "Kept."})
    assert refused.status_code == 422
    assert "Kept." in refused.text
    assert "x" * 20_001 in refused.text
    with pytest.raises(Invalid) as told:
        legal.save_pages(session, {"privacy": "x" * 20_001}, is_public=True, by=admin, at=NOON)
    assert told.value.field == "privacy"
    with pytest.raises(NotAllowed):
        legal.save_pages(session, {}, is_public=True, by=bob, at=NOON)
