"""In which language, and by which clock, a page speaks to its reader."""

from flask import Flask, g, has_request_context, request, request_started
from flask_babel import Babel, Domain, get_locale, refresh

from peerqa import languages
from peerqa.languages import ENGLISH
from peerqa.services.preferences import Preferences


class Sentences(Domain):  # type: ignore[misc]  # flask-babel has no types
    """The catalogues as they are read from their sources."""

    def get_translations(self) -> object:
        """Return the sentences of the reader's language."""
        language = str(get_locale() or ENGLISH)
        return languages.catalogue(language)


def install(app: Flask) -> None:
    """Let the app speak every language it knows."""
    babel = Babel(app, locale_selector=_choose_language, timezone_selector=zone)
    babel.domain_instance = Sentences()
    request_started.connect(_forget, app)


def preferences() -> Preferences:
    """Return what is known of who reads; nothing of who is not signed in."""
    found: Preferences | None = g.get("preferences")
    return found or Preferences()


def zone() -> str:
    """Return the zone that times are written in before a script puts them into the browser's."""
    known = preferences()
    return known.zone or known.organization_zone or "UTC"


def _forget(_app: Flask, **_more: object) -> None:
    """Ask anew for each request; several in one application context would share the first's."""
    refresh()


def _choose_language() -> str:
    if chosen := preferences().language:
        return chosen
    asked = request.accept_languages if has_request_context() else ()
    found = (languages.match(tag) for tag, quality in asked if quality > 0)  # the best first
    return next((language for language in found if language), ENGLISH)
