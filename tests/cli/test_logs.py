"""What is in the log, and what must never be."""

import json
import subprocess
import sys

PROGRAM = """
import sys
from peerqa import logs
from peerqa.app import create_app
from peerqa.gate import Audience, open_to
from peerqa.settings import Settings
from sqlalchemy.exc import IntegrityError

logs.set_up("INFO")
app = create_app(Settings(home=sys.argv[1]), with_doors=False)  # nor their handler of failures

@app.get("/fine/<token>")
@open_to(Audience.MACHINES)
def fine(token):
    return "fine"

@app.get("/break/<token>")
@open_to(Audience.MACHINES)
def broken(token):
    raise IntegrityError("INSERT …", {"secret": "canary-value"}, Exception("not unique"))

client = app.test_client()
client.get("/fine/canary-token?q=canary-query")
client.get("/break/canary-token?q=canary-query")
"""


def test_a_line_names_the_route_as_declared_and_nothing_that_people_typed(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["route"] for line in requests] == ["/fine/<token>", "/break/<token>"]
    assert requests[1]["status"] == 500
    assert all(line["request_id"] and line["milliseconds"] >= 0 for line in requests)
    assert [line["event"] for line in lines if "exception" in line] == ["request.crashed"]
    assert "canary" not in result.stderr
