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

from peerqa import logs
from peerqa.app import create_app
from peerqa.settings import Settings
from peerqa.worker import Worker


class QuietHandler(WSGIRequestHandler):
    """Leaves the lines about requests to the app."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(home: Path, model_folder: Path, more: dict[str, Any]) -> None:
    """Serve on the port that the settings name, or on a free one."""
    settings = Settings(
        home=home,
        model_dir=model_folder,
        log_level="WARNING",
        encode_timeout_seconds=30,  # a busy machine is no hanging model
        **more,
    )
    logs.set_up(settings.log_level)
    app = create_app(settings)
    app.extensions["peerqa.search"].encoders.open()
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
    serve(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
