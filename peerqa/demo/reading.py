"""Reading the company's YAML field by field; what is missing or misspelt is said with its place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from peerqa.errors import PeerQAError

_AGE = re.compile(r"(\d{1,5})([dh])")
_COMPANY_FIELDS = {"organization", "departments", "spaces", "people"}
_TOPIC_FIELDS = {"topic", "about", "synonyms", "threads"}
# libyaml, where PyYAML was built with it, reads the company in a fifth of the time
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: the two share no base class


class BadCompany(PeerQAError):
    """The demo company's text has a mistake."""

    code = "bad-company"

    def __init__(self, place: str, mistake: str) -> None:
        super().__init__(f"{place}: {mistake}")


@dataclass(frozen=True)
class Entry:
    """A mapping of the YAML, with the place where it stands."""

    place: str
    fields: Mapping[str, Any]  # Any: what YAML holds, checked below

    def named(self, name: str) -> "Entry":
        """Return the same with a name added to its place."""
        return Entry(f"{self.place}, {name}", self.fields)

    def text(self, field: str, *, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self.fields.get(field, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise BadCompany(self.place, f"{field} should be a text.")
        return value.strip()

    def texts(self, field: str) -> list[str]:
        """Return a list of texts; one that is not there is empty."""
        values = self.fields.get(field, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise BadCompany(self.place, f"{field} should be a list of names.")
        return values

    def flag(self, field: str) -> bool:
        """Return whether it is said to be so."""
        value = self.fields.get(field, False)
        if not isinstance(value, bool):
            raise BadCompany(self.place, f"{field} should be true or false.")
        return value

    def age(self, field: str) -> timedelta:
        """Return how long ago it was: 12d or 30h."""
        found = _AGE.fullmatch(self.text(field))
        if not found:
            raise BadCompany(self.place, f"{field} should be like 12d or 30h.")
        number = int(found[1])
        return timedelta(days=number) if found[2] == "d" else timedelta(hours=number)

    def entries(self, field: str) -> Sequence["Entry"]:
        """Return a list of mappings; one that is not there is empty."""
        values = self.fields.get(field, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise BadCompany(self.place, f"{field} should be a list of entries.")
        return [Entry(self.place, value) for value in values]


def read_company(path: Path) -> Entry:
    """Read the file with the people and spaces."""
    return _read(path, _COMPANY_FIELDS)


def read_topic(path: Path) -> Entry:
    """Read the file of a topic."""
    return _read(path, _TOPIC_FIELDS)


def _read(path: Path, fields: set[str]) -> Entry:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadCompany(path.name, f"cannot be read ({error}).") from None
    if not isinstance(content, dict) or not set(content) <= fields:
        raise BadCompany(path.name, f"may hold {', '.join(sorted(fields))}, nothing else.")
    return Entry(path.name, content)
