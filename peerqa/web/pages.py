"""The blueprint of all pages, who is reading, and the ways to answer."""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from peerqa.models import Member

pages = Blueprint("pages", __name__)


def me() -> Member:
    """Return who is reading; for views that are open to members."""
    member = g.member
    assert isinstance(member, Member), "the gate lets nobody else in"
    return member


def is_htmx() -> bool:
    """Whether a piece of a page is wanted, and not a whole one."""
    return "HX-Request" in request.headers


def show(template: str, *, status: int = 200, **context: object) -> Response:
    """Answer with a page, or with the fragment of it that htmx asked for."""
    return make_response(render_template(template, **context), status)


def see(endpoint: str, *, anchor: str | None = None, **values: object) -> Response:
    """Send the browser on to a page, after something was done."""
    address = url_for(f"pages.{endpoint}", _anchor=anchor, **values)  # type: ignore[arg-type]  # any value can stand in a query
    return make_response(redirect(address, 303))


@pages.app_template_global()
def address_of_post(question_id: int, post_id: int, **values: object) -> str:
    """Return where a post stands in its thread: on the part of a long one that shows it."""
    post = post_id if post_id != question_id else None
    return url_for(
        "pages.show_question",
        question_id=question_id,
        post=post,
        **values,  # type: ignore[arg-type]  # any value can stand in a query
        _anchor=f"post-{post_id}",
    )


def see_post(question_id: int, post_id: int, *, said: str | None = None) -> Response:
    """Send the browser on to a post, after something was done about it."""
    return make_response(redirect(address_of_post(question_id, post_id, said=said), 303))
