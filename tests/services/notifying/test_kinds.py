"""Every kind of news that the services tell has its sentence, its label and its default."""

import re
from pathlib import Path

from peerqa.services import notifications
from peerqa.services.notifying.kinds import KINDS, OPEN, OTHER, kind_of

SERVICES = Path(notifications.__file__).parent


def test_every_reason_that_services_give_is_a_kind():
    said = {
        reason
        for file in SERVICES.rglob("*.py")
        for line in re.findall(r"notify[a-z_]*\((.*?)\)", file.read_text(), re.DOTALL)
        for reason in re.findall(r'reason="([a-z-]+)"', line)
    }

    assert {"answered", "commented", "accepted", "solved"} <= said
    assert said <= set(KINDS)
    assert {kind_of(reason) for reason in said} == said


def test_a_reason_of_tomorrow_is_told_too():
    assert kind_of("invented") == OTHER
    assert all(each.label and (each.sentence or kind == OPEN) for kind, each in KINDS.items())
