"""`peerqa serve`: the address is taken first, so that whoever comes early waits and is served.

Nothing slow happens before the first page: the model, when missing, is prepared beside it, and
until it is there search goes by words.
"""

import errno
import os
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from indexer import artefact
from indexer.errors import ModelUnavailable
from peerqa import logs
from peerqa.cli.output import say
from peerqa.errors import N_, PeerQAError
from peerqa.settings import Settings, read_settings

if TYPE_CHECKING:
    from flask import Flask

    from peerqa.cli.opening import MakeApp
    from peerqa.cli.supervisor import Helper


class PortTaken(PeerQAError):
    """Another program listens there."""

    code = "port-taken"


class BadAddress(PeerQAError):
    """This machine cannot listen on the address."""

    code = "bad-address"


@click.command()
@click.option("--host", help="Address to listen on. Default: PEERQA_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: PEERQA_PORT, else 8000.")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="Web processes. Default: PEERQA_WEB_PROCESSES."
)
def serve(host: str | None, port: int | None, processes: int | None) -> None:
    """Serve the pages, with the worker beside them.

    SIGTERM or Ctrl-C stops everything once the requests in hand are answered; SIGHUP replaces the
    processes by new ones without refusing a request.
    """
    settings = settle(host=host, port=port, web_processes=processes, demo=False)
    run(settings, prepare=migrate_empty, greet=lambda _app: [f"PeerQA: {settings.address}"])


def settle(**chosen: object) -> Settings:
    """Read the settings with what was chosen on the command line, for the children too."""
    for name, value in chosen.items():
        if value is not None:
            os.environ[f"PEERQA_{name.upper()}"] = str(value)
    settings = read_settings()
    logs.set_up(settings.log_level)
    return settings


def run(
    settings: Settings,
    *,
    prepare: Callable[["Flask"], None],
    greet: Callable[["Flask"], Iterable[str]],
    helpers: "Iterable[Helper]" = (),
) -> None:
    """Take the address, then serve until stopped; see Opening for the two functions."""
    from peerqa.cli.supervisor import Opening, supervise

    make_app: MakeApp = click.get_current_context().find_root().obj
    settings.home.mkdir(parents=True, exist_ok=True)
    listener = listen(settings.host, settings.port)
    is_missing = _is_model_missing(settings)
    if is_missing:
        say("The sentence model is being prepared; until then PeerQA searches by words.")
    opening = Opening(make_app, prepare, greet)
    supervise(settings, listener, opening, prepare_model=is_missing, helpers=helpers)


def migrate_empty(app: "Flask") -> None:
    """Give a new installation its tables."""
    from peerqa import schema
    from peerqa.cli.opening import require_vectors
    from peerqa.database import db

    with app.app_context():
        schema.migrate_empty(db.engine)
        require_vectors(app)


def listen(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Take the address.

    Args:
        option: of the command line, by which another port is chosen.

    Raises:
        PortTaken: another program has it.
        BadAddress: it is none of this machine's, or may not be used.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # For the connections that it takes: headers and body are two packets, and the second would
        # wait 40 ms for a reader who keeps the connection to acknowledge the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                N_("Port %(port)s is taken by another program. "
                   "Choose another one with %(option)s."),
                port=port, option=option,
            ) from None  # fmt: skip
        raise BadAddress(
            N_("Cannot listen on %(host)s, port %(port)s: %(reason)s."),
            host=host, port=port, reason=error.strerror,
        ) from None  # fmt: skip
    return listener


def _is_model_missing(settings: Settings) -> bool:
    try:
        artefact.verify(settings.model_dir)
    except ModelUnavailable:
        return True
    return False
