"""How the LMS answers on its socket; one process, since what is under way is in its memory."""

from werkzeug.serving import WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    """Leaves the date to the app, and the log: that is a page of the LMS."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send no Date: the app's is the clock of the LMS, which may be ahead."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; hints and tokens are in addresses."""
