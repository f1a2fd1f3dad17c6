"""How an organization looks, on its own pages and nobody else's."""

from peerqa.models import Logo
from tests.web.conftest import text_of
from tests.web.picture_files import file_of


def test_an_accent_is_on_every_page_of_the_organization_alone(session, browse, admin, bob, carol):
    browser = browse(admin)
    sent = browser.post("/admin/appearance", {"name": "الشمال", "accent": "#00f"})
    assert sent.status_code == 303

    page = browse(bob).get("/")
    address = page.text.partition('href="/appearance.css?v=')[2].partition('"')[0]
    assert address
    assert "الشمال" in page.text
    style = browse(bob).get(f"/appearance.css?v={address}")
    assert "light-dark(#0000ff," in style.text
    assert style.mimetype == "text/css"
    assert "immutable" in style.headers["Cache-Control"]
    again = browse(bob).get("/appearance.css", headers={"If-None-Match": style.headers["ETag"]})
    assert again.status_code == 304
    assert "appearance.css" not in browse(carol).get("/").text
    assert browse(carol).get("/appearance.css").text == ""


def test_a_pale_accent_is_refused_and_the_nearest_taken_with_a_click(session, browse, admin):
    browser = browse(admin)

    refused = browser.post("/admin/appearance", {"accent": "#ffff00", "name": "Kept"})
    assert refused.status_code == 422
    assert "to 1 where it is least" in text_of(refused)
    assert 'value="Kept"' in refused.text
    nearest = refused.text.partition('name="take-accent" value="')[2].partition('"')[0]
    taken = browser.post("/admin/appearance", {"accent": "#ffff00", "take-accent": nearest})
    assert taken.status_code == 303
    assert admin.organization.accent == nearest
    for sent in ({"accent": "red"}, {"accent_dark": "#111111"}, {"name": "x" * 300}):
        assert browser.post("/admin/appearance", sent).status_code == 422


def test_a_logo_is_encoded_anew_and_seen_by_its_organization_alone(
    session, browse, admin, bob, carol
):
    import io

    browser = browse(admin)
    for data in (b"GIF89a" + b"x" * 99, b"<svg onload=alert(1)>", b""):
        sent = {"logo": (io.BytesIO(data), "logo.png")}
        refused = browser.post("/admin/appearance/logo", sent, content_type="multipart/form-data")
        assert refused.status_code == 422
    sent = {"logo": (io.BytesIO(file_of()), "x.svg")}
    assert browser.post("/admin/appearance/logo", sent).status_code == 303

    page = browse(bob).get("/")
    assert 'alt="Northwind"' in page.text
    logo = browse(bob).get("/logo")
    assert logo.mimetype == "image/webp"
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    assert browse(carol).get("/logo").status_code == 404
    browser.post("/admin/appearance/logo", {"remove": "1"})
    assert session.query(Logo).count() == 0
    assert 'class="logo"' not in browser.get("/").text
