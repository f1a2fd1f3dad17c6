"""In which language and by which clock a page speaks: chosen, said by an LMS or by a browser."""

import re

import pytest

from peerqa import languages
from peerqa.errors import N_, Invalid
from peerqa.services import preferences
from peerqa.services.notifying.choices import read_wishes
from tests.conftest import NOON

GERMAN = {"Accept-Language": "fr, de-AT;q=0.8, en;q=0.5"}


def language(browser, **headers) -> str:
    return browser.get("/", headers=headers).text.partition('lang="')[2].partition('"')[0]


def test_each_may_choose_what_else_would_be_guessed(browse, session, alice, organization):
    browser = browse(alice)
    seen = [language(browser), language(browser, **GERMAN)]
    organization.screen_language = "de"
    seen.append(language(browser))
    preferences.note_launch_language(session, member=alice, tag="en_GB")
    seen.append(language(browser))
    browser.post("/preferences", {"language": "ar"})
    page = browser.get("/").text
    browser.post("/preferences", {"language": ""})

    assert '<html lang="en"' in browser.get("/preferences").text
    assert seen == ["en", "de", "de", "en"]
    assert '<html lang="ar" dir="rtl"' in page
    assert (language(browser), alice.language) == ("en", None)


@pytest.mark.parametrize("tag", [None, "", "$Launch.locale", "xx-YY", "ar-EG", "d" * 5000])
def test_an_lms_that_says_no_language_of_ours_changes_nothing(session, alice, tag):
    preferences.note_launch_language(session, member=alice, tag="de-AT")
    preferences.note_launch_language(session, member=alice, tag=tag)

    assert preferences.language_of(alice) == "de"


def test_who_is_not_signed_in_is_answered_as_the_browser_asks(app):
    client = app.test_client()

    for path, status in (("/sign-in", 200), ("/", 401), ("/nothing-here", 404)):
        reply = client.get(path, headers=GERMAN)
        assert reply.status_code == status
        assert '<html lang="de" dir="ltr"' in reply.text, path
        assert "Zum Inhalt springen" in reply.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"language": "tlh"}, "This language is not offered."),
        ({"language": "e" * 5000}, "This language is not offered."),
        ({"zone": "Mars/Olympus"}, "This time zone is not known."),
    ],
)
def test_what_is_not_offered_is_refused_beside_its_field(browse, alice, admin, typed, sentence):
    for member, path in ((alice, "/preferences"), (admin, "/admin/language")):
        reply = browse(member).post(path, {"language": "de", "zone": "Asia/Tokyo", **typed})

        assert reply.status_code == 422
        assert sentence in reply.text
        assert 'aria-invalid="true"' in reply.text
    assert (alice.language, alice.time_zone, alice.has_shortcuts) == (None, None, True)
    assert admin.organization.screen_language is None


def test_quiet_hours_are_of_the_members_zone_else_of_the_organizations(
    session, browse, alice, admin
):
    browse(admin).post("/admin/language", {"zone": "Asia/Tokyo"})
    by_default = read_wishes(session, [alice])[alice.id].clock.key
    browse(alice).post("/notifications/settings", {"digest_hour": "8"})
    browse(alice).post("/preferences", {"zone": "Europe/Berlin"})

    assert by_default == "Asia/Tokyo"
    assert read_wishes(session, [alice])[alice.id].clock.key == "Europe/Berlin"


def test_one_may_do_without_shortcuts(browse, alice):
    browser = browse(alice)
    browser.post("/preferences", {"zone": ""})

    assert alice.has_shortcuts is False
    assert " checked" not in browser.get("/preferences").text
    browser.post("/preferences", {"has_shortcuts": "1"})
    assert alice.has_shortcuts is True


def test_a_letter_is_in_the_language_of_who_gets_it(session, alice, organization):
    organization.language = "de"  # that people write in
    seen = [preferences.language_of(alice)]
    organization.screen_language = "en"
    seen.append(preferences.language_of(alice))
    preferences.save_preferences(
        session, member=alice, language="ar", zone="", has_shortcuts=True, at=NOON
    )

    assert [*seen, preferences.language_of(alice)] == ["de", "en", "ar"]


def test_letters_and_refusals_say_their_places_and_numbers_in_german():
    words = languages.catalogue("de")

    assert words.gettext("%(name)s named you") % {"name": "Bob"} == "Bob hat Sie erwähnt"
    answers = [words.ngettext("%(num)s answer", "%(num)s answers", n) for n in (0, 1, 2)]
    assert answers == ["%(num)s Antworten", "%(num)s Antwort", "%(num)s Antworten"]
    assert str(Invalid(N_("Choose at most %(most)s topics."), most=5)).startswith("Choose")


def test_times_are_of_the_chosen_zone_and_else_of_the_organizations(
    session, browse, alice, admin, question
):
    seen = []
    for member, path, zone in (
        (admin, "/admin/language", "Asia/Tokyo"),
        (alice, "/preferences", "America/New_York"),
    ):
        browse(member).post(path, {"zone": zone})
        page = browse(alice).get(f"/questions/{question.id}").text
        seen.append(
            (
                re.findall(r'data-zone="([^"]+)', page),
                re.findall(r"data-clock=\"(\d+:\d\d)", page)[0],
            )
        )

    assert seen == [([], "9:00"), (["America/New_York"], "8:00")]  # asked at noon, UTC


def test_help_stands_at_the_same_place_of_every_page(app, browse, alice, admin):
    client = app.test_client()
    pages = [browse(alice).get(path) for path in ("/", "/ask", "/nothing-here", "/help")]
    pages += [client.get(path) for path in ("/", "/sign-in", "/help", "/lti/settled")]

    for page in pages:
        foot = page.text.partition('<footer class="foot row soft">')[2]
        assert re.match(r'\s*<a href="/help"[^>]*>Help</a>', foot), page.request.path
    assert admin.name in pages[3].text
    assert admin.name not in pages[6].text


def test_keys_are_named_where_they_lead_unless_one_does_without(browse, alice):
    browser = browse(alice)
    keys = [re.findall(r'aria-keyshortcuts="(.)"', browser.get("/topics/").text)]
    browser.post("/preferences", {})
    keys.append(re.findall(r'aria-keyshortcuts="(.)"', browser.get("/topics/").text))

    assert keys == [["/", "a", "i", "?"], []]
