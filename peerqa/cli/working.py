"""`peerqa worker`: part of `peerqa serve`, or alone on a host of its own."""

import signal
import threading

import click

from peerqa.cli.opening import open_app
from peerqa.worker import Worker


@click.command()
def worker() -> None:
    """Do what was asked for behind the pages: the index, mail, tidying up.

    SIGTERM or Ctrl-C stops it once the work in hand is done.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app = open_app()
    Worker(
        app, handlers=app.extensions["peerqa.handlers"], timers=app.extensions["peerqa.timers"]
    ).run(stop)
