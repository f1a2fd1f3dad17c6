"""The app on a loopback port with its worker, until standard input ends.

A process of its own: the tests' process binds the database session to connections that it rolls
back. Whoever started it holds its standard input, so it ends with them, however they end.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from indexer.encoder import OnnxEncoder
from peerqa import logs
from peerqa.app import create_app
from peerqa.settings import Settings
from peerqa.worker import Worker
from tests.fakes import RememberingEncoder, WordsEncoder


class QuietHandler(WSGIRequestHandler):
    """Leaves the lines about requests to the app."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(home: Path, model_folder: Path | None, more: dict[str, Any]) -> None:
    """Serve on the port that the settings name, or on a free one.

    Args:
        model_folder: None where what is found does not matter; texts with common words are near.
    """
    settings = Settings(
        home=home,
        model_dir=model_folder or home / "no-model",
        log_level="WARNING",
        encode_timeout_seconds=30,  # a busy machine is no hanging model
        routing_newcomer_every=0,  # who is asked is no matter of a draw
        **more,
    )
    logs.set_up(settings.log_level)
    app = create_app(settings)
    encoder = RememberingEncoder(OnnxEncoder.open(model_folder)) if model_folder else WordsEncoder()
    app.extensions["peerqa.search"].encoders.use(encoder)
    worker = Worker(
        app, handlers=app.extensions["peerqa.handlers"], timers=app.extensions["peerqa.timers"]
    )
    threading.Thread(target=worker.run, args=(threading.Event(),), daemon=True).start()
    server = make_server(
        "127.0.0.1", more.get("port", 0), app, threaded=True, request_handler=QuietHandler
    )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None, json.loads(sys.argv[3]))
