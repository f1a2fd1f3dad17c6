"""What the LMS's admin does: tools by registration URL or by hand, activation, removal."""

import secrets
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.here import current_lms, person
from peerqa.demo.lms.registering import configuration_address, invite
from peerqa.demo.lms.web import Refused
from peerqa.demo.lms.world import Tool
from peerqa.demo.registration import SCOPES, registration_of

routes = Blueprint("admin", __name__, url_prefix="/tools")


@routes.before_request
def _check() -> None:
    if not person().is_admin:
        abort(403)


@routes.get("")
def index() -> ResponseReturnValue:
    """List the tools, with what each must know of the LMS."""
    lms = current_lms()
    rows = [
        (
            tool,
            registration_of(lms.issuer, client_id=tool.client_id, deployment_id=tool.deployment_id),
        )
        for tool in lms.world.tools.values()
    ]
    return render_template("tools.html", rows=rows)


@routes.get("/register")
def register() -> ResponseReturnValue:
    """Open a tool's registration address in a frame, with a token for it."""
    lms = current_lms()
    address = request.args.get("url", "").strip()
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc:
        raise Refused("invalid_request", "The registration URL must begin with http or https.")
    joint = "&" if urlsplit(address).query else "?"
    query = urlencode(
        {"openid_configuration": configuration_address(lms), "registration_token": invite(lms)}
    )
    return render_template("register.html", source=f"{address}{joint}{query}")


@routes.post("")
def add() -> ResponseReturnValue:
    """Take a tool in by hand."""
    form = {name: text.strip() for name, text in request.form.items()}
    addresses = {name: form.get(name, "") for name in ("login_url", "target_url", "keys_url")}
    redirects = form.get("redirect_urls", "").split()
    for url in (*addresses.values(), *redirects):
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise Refused("invalid_request", "Every address must begin with http or https.")
    if not redirects:
        raise Refused("invalid_request", "A tool needs one redirect address at least.")
    tool = Tool(
        client_id=secrets.token_hex(8),
        deployment_id=secrets.token_hex(3),
        name=form.get("name") or "A tool",
        redirect_urls=redirects,
        deep_linking_url=form.get("deep_linking_url") or None,
        scopes=list(SCOPES),
        **addresses,
    )
    current_lms().world.tools[tool.client_id] = tool
    return redirect(url_for("admin.index", _anchor=tool.client_id))


@routes.post("/<client_id>/activate")
def activate(client_id: str) -> ResponseReturnValue:
    """Let a tool work, or let it rest."""
    tool = _get(client_id)
    tool.is_active = request.form.get("active") == "yes"
    return redirect(url_for("admin.index"))


@routes.post("/<client_id>/scopes")
def set_scopes(client_id: str) -> ResponseReturnValue:
    """Grant or withdraw services; tokens that were sold lose what is withdrawn."""
    wanted = request.form.getlist("scope")
    _get(client_id).scopes = [scope for scope in SCOPES if scope in wanted]
    return redirect(url_for("admin.index"))


@routes.post("/<client_id>/delete")
def delete(client_id: str) -> ResponseReturnValue:
    """Remove a tool with its activities and columns."""
    world = current_lms().world
    _get(client_id)
    world.links = {key: link for key, link in world.links.items() if link.client_id != client_id}
    world.columns = {
        key: column for key, column in world.columns.items() if column.client_id != client_id
    }
    del world.tools[client_id]
    return redirect(url_for("admin.index"))


def _get(client_id: str) -> Tool:
    tool = current_lms().world.tools.get(client_id)
    if tool is None:
        abort(404)
    return tool
