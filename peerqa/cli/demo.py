"""`peerqa demo`: the demo company on the loopback address, for nobody but this machine."""

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from peerqa.cli.output import say
from peerqa.cli.serving import listen, migrate_empty, run, settle
from peerqa.demo.registration import registration_of
from peerqa.errors import N_, PeerQAError

if TYPE_CHECKING:
    from flask import Flask


LMS_HOST = "127.0.0.1"  # and PeerQA is on localhost: two sites to a browser, as in real life


class DemoIsPrivate(PeerQAError):
    """Anybody who reaches the demo can be anybody in it."""

    code = "demo-is-private"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: PEERQA_PORT, else 8000.")
@click.option(
    "--lms-port", type=click.IntRange(1, 65535), default=9000, help="Of the demo LMS; default 9000."
)
def demo(port: int | None, lms_port: int) -> None:
    """Serve the demo company and a demo LMS, with links that sign in as one of its people.

    It is founded at the first start, and every later start adds nothing. Listens on the loopback
    address only, and refuses a database that has a real organization.
    """
    from peerqa.cli.supervisor import Helper

    settings = settle(demo=True, port=port)
    refuse_visitors(settings.host)
    listener = listen(LMS_HOST, lms_port, option="--lms-port")
    lms = f"http://{LMS_HOST}:{lms_port}"
    descriptor = listener.detach()
    run(
        settings,
        prepare=partial(_found, lms=lms),
        greet=partial(_greet, address=settings.address, lms=lms),
        helpers=[
            Helper("demo-lms", "--descriptor", str(descriptor), descriptors=(descriptor,)),
        ],
    )


def refuse_visitors(host: str) -> None:
    """Keep the demo on this machine.

    Raises:
        DemoIsPrivate: others could reach that address.
    """
    try:
        is_private = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_private = False
    if not is_private:
        raise DemoIsPrivate(
            N_("The demo signs anybody in as anybody, so it does not listen on %(host)s: "
               "leave PEERQA_HOST out, or make it 127.0.0.1."),
            host=host,
        )  # fmt: skip


def _found(app: "Flask", *, lms: str) -> None:
    from peerqa.clock import utc_now
    from peerqa.database import transaction

    migrate_empty(app)
    seed: Callable[..., bool] = app.extensions["peerqa.seed_demo"]
    seed_lms: Callable[..., None] = app.extensions["peerqa.seed_lms"]
    with app.app_context(), transaction() as session:
        if seed(session, at=utc_now()):
            say("The demo company was founded.")
        seed_lms(session, at=utc_now(), **asdict(registration_of(lms)))


def _greet(app: "Flask", *, address: str, lms: str) -> Iterator[str]:
    links: Callable[[str], list[tuple[str, str]]] = app.extensions["peerqa.demo_links"]
    yield f"PeerQA with its demo company: {address}"
    yield "Sign in with one click, as often as you like:"
    for label, link in links(address):
        yield f"  {label:24}{link}"
    yield f"PeerQA inside of an LMS, Northwind Academy: {lms}"
    yield "  Log in there as a learner, and open Ask a colleague in a course; as a teacher, choose"
    yield "  what a course shows; as the admin, register PeerQA from zero. Its workbench has more."
