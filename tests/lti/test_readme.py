"""The README says what to do about every code of the launch log, and where the addresses are."""

from lti.connecting.tool import Tool
from lti.launching.refusals import LaunchRefused
from peerqa.settings import CHECKOUT


def test_the_readme_names_every_refusal_of_a_launch(house):
    text = (CHECKOUT / "README.md").read_text()
    codes = {kind.code for kind in kinds_of(LaunchRefused)}

    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_the_readme_names_the_addresses_that_an_lms_wants():
    text = (CHECKOUT / "README.md").read_text()
    tool = Tool("https://ask.example.org")

    for address in (tool.launch, tool.login, tool.keys, tool.canvas, tool.icon):
        assert f"`{address}`" in text


def kinds_of(kind: type[LaunchRefused]) -> list[type[LaunchRefused]]:
    return [kind, *(found for child in kind.__subclasses__() for found in kinds_of(child))]
