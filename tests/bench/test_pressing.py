import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from peerqa.bench.pressing import HungUp, Line, get, post, press


class Shop(BaseHTTPRequestHandler):
    """Says 303 to forms and 200 to the rest; ends each third connection after its reply."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self, status=200):
        if self.path == "/silent":
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Shop.asked += 1
        self.send_response(status)
        self.send_header("Content-Length", "70000")
        if Shop.asked % 3 == 0:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"." * 70_000)

    def do_POST(self):
        self.do_GET(303)

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_request_is_counted_with_its_status_and_its_size(port):
    asked = []

    def request(person, number):
        asked.append((person, number))
        return get("/page") if person else post("/form", "a=b", {"text": "ü"})

    pressed = press(port, request, people=2, seconds=0.1, start=7)

    assert set(pressed.outcomes) == {200, 303}
    assert pressed.largest_bytes == 70_000
    assert len(pressed.seconds) == pressed.outcomes.total() == len(asked) == len(set(asked))
    assert {(0, 7), (1, 7)} <= set(asked)
    assert pressed.per_second == len(asked) / pressed.lasted


def test_who_gets_no_reply_says_so_and_asks_anew(port):
    line = Line(port)
    with pytest.raises(HungUp):
        line.ask(get("/silent"))

    assert line.ask(get("/page")) == (200, 70_000)
    line.close()
