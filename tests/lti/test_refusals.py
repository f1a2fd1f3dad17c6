"""Every refusal of a launch: one code, a sentence for people, a remedy for admins, a README row."""

import string

import pytest

from lti.launching import refusals
from lti.launching.refusals import LaunchRefused, find_remedy
from tests.architecture.test_readme import README

KINDS = refusals.list_kinds()


def test_codes_are_given_once():
    codes = [kind.code for kind in KINDS]

    assert sorted(set(codes)) == sorted(codes)
    assert len(codes) > 35


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_refusal_says_what_is_wrong_and_what_to_do(kind: type[LaunchRefused]):
    places = {name for _, name, _, _ in string.Formatter().parse(kind.says) if name}

    assert kind.says.endswith(".")
    assert find_remedy(kind.code)
    assert find_remedy(kind.code).endswith(".")
    assert 400 <= kind.status < 600
    assert not places  # places are %(name)s, for gettext
    assert f"`{kind.code}`" in README.read_text()


def test_an_unknown_code_has_no_remedy():
    assert find_remedy("accepted") is None
