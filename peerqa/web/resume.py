"""Typed text outlives the sign-in, a stale page and a full disk.

When a form cannot be taken, the page that says so carries its fields in hidden inputs, and one
button that posts them to the same address with ?resume=1. That shows the form again, filled in, and
writes nothing: so the gate asks for no token there, and signing in in another tab is enough.
"""

from collections.abc import Callable
from functools import wraps

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue

View = Callable[..., ResponseReturnValue]
NOT_TYPED = {"csrf_token", "step"}


def keeps_text(show_again: View) -> Callable[[View], View]:
    """Declare how a view's form is shown again with what was typed in it."""

    def declare(view: View) -> View:
        @wraps(view)
        def view_or_form(**values: object) -> ResponseReturnValue:
            return show_again(**values) if request.args.get("resume") == "1" else view(**values)

        view_or_form.keeps_text = True  # type: ignore[attr-defined]  # read here and by the gate
        return view_or_form

    return declare


def kept_fields() -> list[tuple[str, str]]:
    """Return what was typed, when the form can be shown again."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, "keeps_text", False):
        return []
    return [item for item in request.form.items(multi=True) if item[0] not in NOT_TYPED]


def resume_address() -> str:
    """Return where the form is shown again."""
    return url_for(request.endpoint or "", **(request.view_args or {}), resume=1)
