"""The contract of API v1: spectree reads requests by it, and writes the OpenAPI from it.

spectree's own plugin takes broken JSON for an empty object and checks every reply again; ours
refuses the one and leaves the other to the tests, since replies are made by the same models.
"""

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response, make_response, request
from pydantic import BaseModel, ValidationError
from spectree import Response as Replies
from spectree import SecurityScheme, SpecTree
from spectree.model_adapter.pydantic_adapter import PydanticModelAdapter
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.base import Context
from spectree.plugins.flask_plugin import FlaskPlugin
from spectree.utils import get_multidict_items
from werkzeug.exceptions import UnsupportedMediaType

from peerqa.api.problems import MEDIA_TYPE, Problem, refusal_of_fields

MAX_ID = 2**31 - 1
_HEADERS = {
    "201": ("Location", "Where the new thing is."),
    "401": ("WWW-Authenticate", "That a bearer token is wanted."),
    "503": ("Retry-After", "Seconds to wait."),
}
_ALWAYS = (401, 422, 500, 503)
_WITH_BODY = (400, 413, 415)


class Adapter(PydanticModelAdapter):
    """Describes each model once: spectree asks again at every endpoint, a third of the start."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[type, str, str], dict[str, Any]] = {}

    def json_schema(
        self,
        model: type[Any],
        *,
        ref_template: str,
        mode: Literal["validation", "serialization"] = "validation",
    ) -> dict[str, Any]:
        """Return the schema; spectree copies it before it changes anything."""
        asked = model, ref_template, mode
        if asked not in self._known:
            self._known[asked] = super().json_schema(model, ref_template=ref_template, mode=mode)
        return self._known[asked]


class Plugin(FlaskPlugin):
    """Reads requests strictly, sends replies as they are."""

    def request_validation(
        self,
        _request: Any,  # Any: spectree hands over Flask's request; this and the following
        query: Any,
        json: Any,
        form: Any,  # noqa: ARG002
        headers: Any,  # noqa: ARG002
        cookies: Any,  # noqa: ARG002
    ) -> None:
        try:
            # Flask's request has no such attribute; spectree hands its parts to the view.
            request.context = Context(  # type: ignore[attr-defined]
                query.model_validate(get_multidict_items(request.args)) if query else None,
                _read_body(json) if json else None,
                form=None,
                headers=None,
                cookies=None,
            )
        except ValidationError as error:
            raise refusal_of_fields(error) from None

    def validate_response(self, resp: Any, *_: object, **__: object) -> tuple[Response, None]:
        return make_response(resp), None

    def parse_path(
        self, route: Any, path_parameter_descriptions: Mapping[str, str] | None
    ) -> tuple[str, list[Any]]:
        path, parameters = super().parse_path(route, path_parameter_descriptions)
        for parameter in parameters:  # all of them are ids
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
        return path, parameters


class ApiReplies(Replies):
    """The replies of an endpoint, its problems included."""

    def generate_spec(self, *args: Any) -> dict[str, Any]:
        """Give problems their media type, and replies their headers."""
        spec: dict[str, Any] = super().generate_spec(*args)
        for status, reply in spec.items():
            if int(status) >= 400 and "content" in reply:
                reply["content"] = {MEDIA_TYPE: reply["content"]["application/json"]}
            if status in _HEADERS:
                name, meaning = _HEADERS[status]
                reply["headers"] = {name: {"description": meaning, "schema": {"type": "string"}}}
        return spec


def replies(
    status: int, model: type[BaseModel] | None = None, *problems: int, takes_body: bool = False
) -> ApiReplies:
    """Declare what an endpoint for members replies.

    Args:
        status: of success.
        model: of its body; None for no body.
        problems: the statuses of refusals, beyond those that every endpoint has.
    """
    declared = ApiReplies(**{f"HTTP_{status}": model})
    for problem in {*_ALWAYS, *problems, *(_WITH_BODY if takes_body else ())}:
        declared.add_model(problem, Problem)
    return declared


def reply(
    body: BaseModel, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a shape as JSON."""
    return Response(body.model_dump_json(), status, headers=headers, mimetype="application/json")


def _read_body(model: type[BaseModel]) -> BaseModel:
    if not request.is_json:
        raise UnsupportedMediaType
    return model.model_validate_json(request.get_data(cache=False))


contract = SpecTree(
    backend=Plugin,
    model_adapter=Adapter(),  # type: ignore[arg-type]  # as spectree's own default is typed
    mode="strict",
    title="PeerQA",
    version="1",
    description="Questions and answers of colleagues. Every endpoint acts as the member whose "
    "token is sent, and shows what that member may see.",
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="bearer",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="Made by: peerqa token create"
            ),
        )
    ],
    security={"bearer": []},
)
