"""The LMS front door: LTI 1.3 Advantage (1EdTech LTI Core 1.3, Security Framework 1.0).

A launch goes straight down: routes → envelope (everything verified, consumed once) → claims
(a frozen Launch) → enrolment → the core's services → commit → sign-in → redirect to a GET.
Nothing in peerqa but app.py and the console script knows that this package is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Flask

from peerqa.errors import N_
from peerqa.outbox import Handler
from peerqa.worker import Timer

# For the menu of admins: endpoint, label, and what it is for.
ADMIN_PAGES = (
    (
        "lti.list_lms",
        N_("Learning management systems"),
        N_("Where people come from: add an LMS, approve deployments, see why a launch failed."),
    ),
)


def install(app: Flask) -> None:
    """Open the front door; each module adds its routes to the blueprint when it is imported."""
    from lti.doors import ROUTES
    from lti.pages import lti

    for module in ROUTES:
        if hasattr(module, "install"):
            module.install(app)
    app.register_blueprint(lti)


def handlers(app: Flask) -> Mapping[str, Handler]:
    """Return what is done about the LMS's topics of the outbox."""
    from lti import chores

    return chores.handlers(app)


def timers(app: Flask) -> Sequence[Timer]:
    """Return what is done for the LMS again and again."""
    from lti import chores

    return chores.timers(app)


def doctor_checks(app: Flask) -> Iterator[Any]:  # Any: the doctor's findings, which it knows alone
    """Say what is well and what is amiss, for the doctor."""
    from lti.admin.checks import CHECKS

    for check in CHECKS:
        yield from check(app)


def install_demo(app: Flask) -> None:
    """Hand over how the demo LMS is registered."""
    from lti import demo_platform

    app.extensions["peerqa.seed_lms"] = demo_platform.seed
