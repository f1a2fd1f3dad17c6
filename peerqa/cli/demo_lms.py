"""`peerqa demo-lms`: part of `peerqa demo`, or alone for whoever builds on it."""

import signal
import socket
import sys

import click

from peerqa.cli.demo import refuse_visitors
from peerqa.cli.output import say
from peerqa.cli.serving import listen, settle


@click.command("demo-lms")
@click.option("--host", default="127.0.0.1", help="A loopback address; default 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), default=9000, help="Default: 9000.")
@click.option("--descriptor", type=int, hidden=True, help="A socket that listens already.")
def demo_lms(host: str, port: int, descriptor: int | None) -> None:
    """Serve the demo LMS alone; `peerqa demo` serves it too.

    PeerQA is expected at PEERQA_PUBLIC_URL, else at http://localhost:PEERQA_PORT. Listens on the
    loopback address only. Ctrl-C stops it.
    """
    from werkzeug.serving import make_server

    from peerqa.demo.lms import LmsConfig, create_lms
    from peerqa.demo.lms.serving import QuietHandler

    refuse_visitors(host)
    settings = settle()
    if descriptor is None:
        descriptor = listen(host, port).detach()
    with socket.socket(fileno=descriptor) as listener:
        bound_host, bound_port, *_ = listener.getsockname()
        refuse_visitors(bound_host)
        address = f"http://{bound_host}:{bound_port}"
        app = create_lms(
            LmsConfig(address=address, tool=settings.address, home=settings.home / "demo-lms")
        )
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
        say(f"Northwind Academy, the demo LMS: {address}")
        server = make_server(
            bound_host, bound_port, app,
            threaded=True, fd=listener.fileno(), request_handler=QuietHandler,
        )  # fmt: skip
        server.serve_forever()
