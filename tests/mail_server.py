"""A mail server of a few lines, at the other end of the wire."""

import socketserver
import threading

import pytest


class Postman(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            self.server.lines.append(line)
            if data:
                data = line != "."
                if not data and "silence" not in self.server.refused:
                    self.wfile.write(self.server.refused.get(".", b"250 taken") + b"\r\n")
            elif line[:4] in self.server.refused:
                self.wfile.write(self.server.refused[line[:4]] + b"\r\n")
            elif line.upper() == "DATA":
                data = True
                self.wfile.write(b"354 go on\r\n")
            elif line.startswith("ehlo"):
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif line.startswith("AUTH"):
                self.wfile.write(b"235 welcome\r\n")
            elif line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif line.startswith("rcpt") and "nobody" in line:
                self.wfile.write(b"550 no such person\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mail_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman) as server:
        server.lines = []
        server.refused = {}  # what is answered instead, to rcpt or at the end of a text (.)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
