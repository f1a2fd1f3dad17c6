"""The workbench: what the next launch gets wrong, how the LMS behaves, which services fail."""

from typing import TypeVar

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from peerqa.demo.lms.faults import FAULTS, GROUPS, OMITTED
from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.platform import NextLaunch
from peerqa.demo.lms.switches import Failure, Switches
from peerqa.demo.lms.web import Refused

Chosen = TypeVar("Chosen", Switches, Failure)

routes = Blueprint("switches", __name__)


@routes.get("/workbench")
def show() -> ResponseReturnValue:
    """Show every switch."""
    fields = Switches.model_json_schema()["properties"]
    return render_template("workbench.html", fields=fields, groups=GROUPS, omitted=OMITTED)


@routes.post("/workbench/next")
def spoil() -> ResponseReturnValue:
    """Have the next launch be wrong in the chosen ways."""
    form = request.form
    current_lms().next = NextLaunch(
        faults=[name for name in form.getlist("fault") if name in FAULTS],
        omit=[name for name in form.getlist("omit") if name in OMITTED],
        stays="stays" in form,
    )
    return redirect(url_for("switches.show"))


@routes.post("/workbench/switches")
def switch() -> ResponseReturnValue:
    """Behave in the chosen ways from now on."""
    chosen: dict[str, object] = {}
    for name, field in Switches.model_fields.items():
        is_box = field.annotation is bool
        chosen[name] = name in request.form if is_box else request.form.get(name, field.default)
    current_lms().switches = _checked(Switches, chosen)
    return redirect(url_for("switches.show"))


@routes.post("/workbench/failures")
def fail() -> ResponseReturnValue:
    """Have a service fail, or all be well again."""
    lms = current_lms()
    if "clear" in request.form:
        lms.failures.clear()
    else:
        form: dict[str, object] = {name: text for name, text in request.form.items() if text}
        status = request.form.get("status", "")
        form["status"] = int(status) if status.isdigit() else 500
        lms.failures.append(_checked(Failure, form))
    return redirect(url_for("switches.show"))


@routes.post("/workbench/keys")
def rotate() -> ResponseReturnValue:
    """Sign with a new key from now on."""
    lms = current_lms()
    lms.note("Key rotation", f"kid {lms.keys.rotate().kid}")
    return redirect(url_for("switches.show"))


@routes.post("/workbench/reset")
def reset() -> ResponseReturnValue:
    """Begin anew."""
    current_lms().reset()
    return redirect(url_for("courses.home"))


@routes.get("/log")
def log() -> ResponseReturnValue:
    """Show what happened lately."""
    return render_template("log.html", events=list(current_lms().log))


@routes.get("/cookies")
def cookies() -> ResponseReturnValue:
    """Say how to block third-party cookies in each browser."""
    return render_template("cookies.html")


def _checked(model: type[Chosen], chosen: dict[str, object]) -> Chosen:
    try:
        return model.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused("invalid_request", f"{first['loc']}: {first['msg']}.") from None
