"""The languages of the interface: which there are, and their sentences.

Sentences are written in English in the code; a catalogue (translations/<language>/messages.po) says
them in another language. Catalogues are read as they are, at the first page in that language: there
is no compiled copy that could be older than what it was made from.

Arabic covers the main journey alone, the rest is English there. So it is for who chooses it, and
not for everybody whose browser asks for it.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations

ENGLISH = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}  # each by its own name
COMPLETE = ("en", "de")  # what a browser or an LMS is taken at its word for
UNDETERMINED = "und"  # BCP 47 section 4.1: words are compared as they are written
# What colleagues may write in: the tag, and what Snowball calls it.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}
WRITTEN = (*(tag for tag in STEMMERS if tag != "no"), UNDETERMINED)  # that can be chosen
FOLDER = Path(__file__).parent / "translations"


def match(tag: str | None) -> str | None:
    """Return the complete language that a tag of BCP 47 or a locale means: "de-AT", "en_GB"."""
    language = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language in COMPLETE else None


def known(language: str | None) -> str | None:
    """Return a language that was chosen, where it is still one of them."""
    return language if language in LANGUAGES else None


def direction(language: str) -> str:
    """Return "ltr" or "rtl"."""
    return Locale.parse(language).text_direction


def name_of(tag: str, reader: str) -> str:
    """Return what a language is called in the language of the reader."""
    return Locale.parse(tag).get_display_name(reader) or tag


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the sentences of a language; those in the code where it has no catalogue."""
    path = FOLDER / language / "messages.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    # 60 ms, once a process; imported here, since most processes need one language or none
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(fp=compiled)
