"""In which language, and by which clock, a page speaks to its reader."""

from collections.abc import Mapping

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request, request_started
from flask_babel import Babel, Domain, get_locale, refresh
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from peerqa import languages
from peerqa.languages import ENGLISH
from peerqa.services.preferences import Preferences


class Sentences(Domain):  # type: ignore[misc]  # flask-babel has no types
    """The catalogues as they are read from their sources."""

    def get_translations(self) -> object:
        """Return the sentences of the reader's language."""
        return sentences()


def install(app: Flask) -> None:
    """Let the app speak every language it knows."""
    babel = Babel(app, locale_selector=_choose_language, timezone_selector=zone)
    babel.domain_instance = Sentences()
    app.jinja_env.globals.update(_=_say, gettext=_say, ngettext=_say_number)
    request_started.connect(_forget, app)


def sentences() -> NullTranslations:
    """Return the sentences of the reader's language."""
    locale = get_locale()
    if locale is None:
        return languages.catalogue(ENGLISH)
    is_plain = locale.territory is None and locale.script is None
    return languages.catalogue(locale.language if is_plain else str(locale))


@pass_eval_context
def _say(here: EvalContext, sentence: str, /, **values: object) -> str:
    """Translate in a template, as Jinja's own gettext does; a page has a hundred sentences."""
    return _filled(here, sentences().gettext(sentence), values)


@pass_eval_context
def _say_number(here: EvalContext, one: str, more: str, num: int, /, **values: object) -> str:
    return _filled(here, sentences().ngettext(one, more, num), {"num": num, **values})


def _filled(here: EvalContext, sentence: str, values: Mapping[str, object]) -> str:
    if here.autoescape:
        sentence = Markup(sentence)  # noqa: S704 - a sentence of ours; Markup escapes the values
    return sentence % values if values or "%" in sentence else sentence


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
