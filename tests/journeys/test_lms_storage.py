"""The demo LMS's Platform Storage: LTI postMessage Storage 0.1, asked by hand from both sides."""

import pytest
from playwright.sync_api import Frame, expect

from tests.journeys.student import Student

pytestmark = pytest.mark.browser

ASK = """
([name, message]) => new Promise((resolve) => {
  const outside = window.parent;
  const target = name === "_parent" ? outside : outside.frames[name];
  const timer = setTimeout(resolve, 3000, "silence");
  window.addEventListener("message", (event) => {
    const { message_id, subject } = event.data;
    if (message_id !== message.message_id || subject === message.subject) return;
    clearTimeout(timer);
    resolve(event.data);
  });
  target.postMessage(message, "*");
})
"""


def ask(frame: Frame, target: str, subject: str, number: int, **data: object):
    message = {"subject": subject, "message_id": f"m{number}", **data}
    return frame.evaluate(ASK, [target, message])


def tool_of(student: Student) -> Frame:
    frame = student.open_activity()
    expect(frame.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()
    found = student.page.frame("tool")
    assert found is not None
    return found


@pytest.mark.parametrize(
    "storage", ["lti_storage", pytest.param("_parent", marks=pytest.mark.long)]
)
def test_what_is_put_is_got_back_in_the_frame_that_was_named(sit_in_class, campus, storage):
    campus.lms.switches.storage = storage
    tool = tool_of(sit_in_class("Noor van Dijk"))

    able = ask(tool, "_parent", "lti.capabilities", 1)
    put = ask(tool, storage, "lti.put_data", 2, key="k", value="v")
    got = ask(tool, storage, "lti.get_data", 3, key="k")

    assert {"subject": "lti.put_data", "frame": storage} in able["supported_messages"]
    assert (put["subject"], put["value"]) == ("lti.put_data.response", "v")
    assert (got["subject"], got["value"]) == ("lti.get_data.response", "v")


def test_each_origin_has_its_own_and_null_deletes(sit_in_class, campus):
    noor = sit_in_class("Noor van Dijk")
    tool = tool_of(noor)
    ask(tool, "_parent", "lti.put_data", 1, key="k", value="v")

    others = ask(noor.page.main_frame, "_parent", "lti.get_data", 2, key="k")
    assert others["value"] is None  # the LMS page asks itself: another origin
    ask(tool, "_parent", "lti.put_data", 3, key="k", value=None)
    assert ask(tool, "_parent", "lti.get_data", 4, key="k")["value"] is None


def test_what_cannot_be_kept_is_refused(sit_in_class, campus):
    tool = tool_of(sit_in_class("Noor van Dijk"))
    for number, (data, code) in enumerate(
        [
            ({"value": "v"}, "bad_request"),
            ({"key": "", "value": "v"}, "bad_request"),
            ({"key": "k", "value": 7}, "bad_request"),
            ({"key": "k", "value": "x" * 4097}, "storage_exhaustion"),
        ]
    ):
        refused = ask(tool, "_parent", "lti.put_data", number, **data)
        assert refused["error"]["code"] == code, data


def test_a_page_that_sends_others_to_the_storage_frame_keeps_nothing(sit_in_class, campus):
    campus.lms.switches.storage = "lti_storage"
    tool = tool_of(sit_in_class("Noor van Dijk"))

    refused = ask(tool, "_parent", "lti.put_data", 1, key="k", value="v")

    assert refused["error"]["code"] == "unsupported_subject"
