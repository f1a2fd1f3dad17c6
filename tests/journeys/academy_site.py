"""PeerQA and the demo LMS on two loopback ports: two processes, two sites to a browser.

PeerQA is at localhost and the LMS at 127.0.0.1. The LMS is in this process, so that tests steer it;
each test has one of its own, with a port of its own, registered with an organization of its own.
"""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from werkzeug.serving import make_server

from lti.connecting.registration import add_deployment, register_platform
from lti.models import Origin
from lti.models.platform import DeploymentState
from peerqa.clock import utc_now
from peerqa.demo.lms import Lms, LmsConfig, create_lms
from peerqa.demo.lms.serving import QuietHandler
from peerqa.demo.registration import registration_of
from peerqa.models import Organization
from peerqa.services import organizations
from tests.browser.site import Site

_numbers = itertools.count(1)
_used = set[int]()  # ports


@dataclass
class Campus:
    """A running LMS, and the organization whose people come from it."""

    lms: Lms
    address: str
    site: Site
    organization_id: int


@contextmanager
def serving_lms(tool: str) -> Iterator[Lms]:
    """Serve an LMS on a free port while the block runs."""
    with unused_port() as listener:
        port = listener.getsockname()[1]
        app = create_lms(LmsConfig(f"http://127.0.0.1:{port}", tool, hang_seconds=0.1))
        server = make_server(
            "127.0.0.1", port, app, threaded=True, fd=listener.fileno(),
            request_handler=QuietHandler,
        )  # fmt: skip
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield app.extensions["lms"]
        finally:
            server.shutdown()
            thread.join()


def unused_port() -> socket.socket:
    """Listen where no LMS of this run was before: its address is its name, and is registered."""
    listener = socket.create_server(("127.0.0.1", 0))
    if listener.getsockname()[1] not in _used:
        _used.add(listener.getsockname()[1])
        return listener
    with listener:  # held while the next one is chosen
        return unused_port()


@contextmanager
def open_campus(site: Site, *, is_registered: bool = True) -> Iterator[Campus]:
    """Make an organization, and register an LMS with it."""
    with site.writing() as session:
        made = organizations.make_organization(
            session, name=f"Northwind {next(_numbers)}", at=utc_now()
        )
        organization_id = made.id
    with serving_lms(site.address) as lms:
        campus = Campus(lms, lms.issuer, site, organization_id)
        if is_registered:
            register(campus)
        yield campus


def register(campus: Campus) -> None:
    """Do what an admin does at PeerQA by hand."""
    known = asdict(registration_of(campus.address))
    deployment_id, _ = known.pop("deployment_id"), known.pop("courses")
    with campus.site.writing() as session:
        organization = session.get_one(Organization, campus.organization_id)
        platform = register_platform(
            session, organization=organization, trusts_administrators=True, https_only=False,
            at=utc_now(), **known,
        )  # fmt: skip
        add_deployment(
            session, platform=platform, deployment_id=deployment_id, at=utc_now(),
            state=DeploymentState.APPROVED,
        )  # fmt: skip
        session.add(
            Origin(organization_id=organization.id, platform_id=platform.id, origin=campus.address)
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
