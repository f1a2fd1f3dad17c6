"""Verified claims → Launch. The only file that knows how claims are spelled.

LTI Core 1.3 sections 5.3 and 5.4, Deep Linking 2.0 section 4.4.1, NRPS 2.0 section 3.6.1.1, AGS 2.0
section 3.1, Submission Review 1.0. (pylti1p3 has these addresses in its type hints alone.) A claim
of a wrong type is refused, an unknown one is ignored, and a value that is still "$Some.variable",
because the platform does not know it, is absent.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from lti.launching import refusals
from lti.launching.launch import Course, DeepLinking, GradeService, Launch, Link, Message
from lti.origins import origin_of
from peerqa.database import storable

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
VERSION, MESSAGE, DEPLOYMENT = f"{_LTI}version", f"{_LTI}message_type", f"{_LTI}deployment_id"
TARGET, ROLES, CONTEXT = f"{_LTI}target_link_uri", f"{_LTI}roles", f"{_LTI}context"
RESOURCE_LINK, CUSTOM, FOR_USER = f"{_LTI}resource_link", f"{_LTI}custom", f"{_LTI}for_user"
PRESENTATION, PRODUCT = f"{_LTI}launch_presentation", f"{_LTI}tool_platform"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"

# Our custom parameters with $Context.id.history and $ResourceLink.id.history.
COURSE_HISTORY, LINK_HISTORY = "context_id_history", "resource_link_id_history"

_VARIABLE = re.compile(r"\$[A-Za-z][\w.-]*")
_LONGEST_ID = 255
_MOST_ROLES = 200

Claims = Mapping[str, Any]  # Any: JSON


def read(payload: Claims, *, authorization_url: str) -> Launch:
    """Return the launch that a verified id_token is.

    Args:
        authorization_url: of its platform; pages of that origin may frame PeerQA too.

    Raises:
        LaunchRefused: a claim is missing, or of a wrong type.
    """
    if payload.get(VERSION) != "1.3.0":
        raise refusals.VersionWrong
    message = _message(payload)
    custom = _custom(payload)
    presentation = _object(payload, PRESENTATION)
    grades = _grades(payload)
    deep_linking = _deep_linking(payload) if message is Message.DEEP_LINKING else None
    roster_url = _address(_object(payload, ROSTER), "context_memberships_url")
    return_url = _address(presentation, "return_url")
    return Launch(
        issuer=_id(payload, "iss", required=True) or "",
        client_id=_party(payload),
        deployment_id=deployment_of(payload),
        message=message,
        target=_text(payload, TARGET, required=message is Message.RESOURCE) or "",
        subject=_id(payload, "sub"),
        name=_name(payload),
        email=None if payload.get("email_verified") is False else _text(payload, "email"),
        roles=_roles(payload),
        course=_course(payload, custom),
        link=_link(payload, custom, is_required=message is Message.RESOURCE),
        locale=_text(presentation, "locale"),
        product=_text(_object(payload, PRODUCT), "product_family_code"),
        return_url=return_url,
        roster_url=roster_url,
        grades=grades,
        deep_linking=deep_linking,
        for_user=_for_user(payload, message),
        custom=custom,
        origins=_origins(
            _id(payload, "iss"),
            authorization_url,
            return_url,
            roster_url,
            deep_linking.return_url if deep_linking else None,
            grades.line_items_url if grades else None,
            grades.line_item_url if grades else None,
        ),
    )


def deployment_of(payload: Claims) -> str:
    """Return the deployment's id, as it is.

    Raises:
        LaunchRefused: it is missing or too long.
    """
    return _id(payload, DEPLOYMENT, required=True) or ""


def is_variable(value: str) -> bool:
    """Whether a platform left a "$Some.variable" as it is, because it does not know it."""
    return _VARIABLE.fullmatch(value) is not None


def _message(payload: Claims) -> Message:
    message = _text(payload, MESSAGE, required=True)
    try:
        return Message(str(message))
    except ValueError:
        raise refusals.MessageUnknown from None


def _party(payload: Claims) -> str:
    audience = payload.get("azp") or payload.get("aud")
    return str(audience[0] if isinstance(audience, list) else audience)


def _text(
    claims: Claims, claim: str, *, required: bool = False, is_exact: bool = False
) -> str | None:
    """Return a text; None when it is missing, empty or a variable that was left as it is.

    Args:
        is_exact: also what no database keeps and no page shows, for who looks at it.
    """
    value = claims.get(claim)
    if value is not None and not isinstance(value, str):
        raise refusals.ClaimWrong(claim=_short(claim))
    if value and not is_exact:
        value = storable(value)
    if value and not value.isspace() and not is_variable(value):
        return value
    if required:
        raise refusals.ClaimMissing(claim=_short(claim))
    return None


def _id(claims: Claims, claim: str, *, required: bool = False, name: str = "") -> str | None:
    """Return an id as it was sent: case counts, and 255 characters are the most."""
    value = _text(claims, claim, required=required, is_exact=True)
    if value is not None and (len(value) > _LONGEST_ID or storable(value) != value):
        raise refusals.ClaimWrong(claim=name or _short(claim))
    return value


def _object(claims: Claims, claim: str) -> Claims:
    value = claims.get(claim)
    if value is not None and not isinstance(value, dict):
        raise refusals.ClaimWrong(claim=_short(claim))
    return value or {}


def _texts(claims: Claims, claim: str) -> tuple[str, ...]:
    value = claims.get(claim)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise refusals.ClaimWrong(claim=_short(claim))
    return tuple(value)


def _short(claim: str) -> str:
    return claim.rpartition("/")[2]


def _roles(payload: Claims) -> tuple[str, ...]:
    """Return the roles; the claim is required, and may be empty (section 5.3.7)."""
    if payload.get(ROLES) is None:
        raise refusals.ClaimMissing(claim="roles")
    sent = _texts(payload, ROLES)
    roles = tuple(role.strip() for role in sent if storable(role) == role)  # mended is not said
    if len(sent) > _MOST_ROLES:
        raise refusals.ClaimWrong(claim="roles")
    return tuple(dict.fromkeys(role for role in roles if role))


def _name(payload: Claims) -> str | None:
    parts = [_text(payload, "given_name"), _text(payload, "family_name")]
    return _text(payload, "name") or " ".join(part for part in parts if part) or None


def _custom(payload: Claims) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in _object(payload, CUSTOM).items():
        if isinstance(value, str):
            if not is_variable(value):
                values[name] = storable(value)
        elif value is not None:
            values[name] = json.dumps(value)  # 5 → "5", true → "true"
    return values


def _history(custom: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the ids of a $….id.history, newest first."""
    ids = (part.strip() for part in custom.get(name, "").split(","))
    return tuple(found for found in ids if found and len(found) <= _LONGEST_ID)


def _course(payload: Claims, custom: Mapping[str, str]) -> Course | None:
    context = _object(payload, CONTEXT)
    found = _id(context, "id", name="context.id")
    if found is None:
        return None
    title = _text(context, "title") or _text(context, "label") or ""
    return Course(found, title, _history(custom, COURSE_HISTORY))


def _link(payload: Claims, custom: Mapping[str, str], *, is_required: bool) -> Link | None:
    link = _object(payload, RESOURCE_LINK)
    found = _id(link, "id", name="resource_link.id")
    if found is None:
        if is_required:
            raise refusals.ClaimMissing(claim="resource_link.id")
        return None
    return Link(found, _text(link, "title") or "", _history(custom, LINK_HISTORY))


def _for_user(payload: Claims, message: Message) -> str | None:
    is_required = message is Message.SUBMISSION_REVIEW
    return _id(_object(payload, FOR_USER), "user_id", required=is_required, name="for_user.user_id")


def _deep_linking(payload: Claims) -> DeepLinking:
    settings = _object(payload, DEEP_LINKING)
    address = _text(settings, "deep_link_return_url", required=True)
    if address is None or origin_of(address) is None:
        raise refusals.ClaimWrong(claim="deep_link_return_url")
    if settings.get("accept_types") is None:
        raise refusals.ClaimMissing(claim="accept_types")
    return DeepLinking(
        return_url=address,
        accepts_types=_texts(settings, "accept_types"),
        accepts_targets=_texts(settings, "accept_presentation_document_targets"),
        accepts_several=settings.get("accept_multiple") in (True, "true"),
        accepts_line_item=settings.get("accept_lineitem") in (True, "true"),
        data=_data(settings),
    )


def _data(settings: Claims) -> str | None:
    """Return what is echoed as it is: an empty text too."""
    value = settings.get("data")
    if value is None:
        return None
    if not isinstance(value, str) or storable(value) != value:  # it could not go back as it came
        raise refusals.ClaimWrong(claim="data")
    return value


def _grades(payload: Claims) -> GradeService | None:
    if payload.get(GRADES) is None:
        return None
    endpoint = _object(payload, GRADES)
    return GradeService(
        scopes=_texts(endpoint, "scope"),
        line_items_url=_address(endpoint, "lineitems"),
        line_item_url=_address(endpoint, "lineitem"),
    )


def _address(claims: Claims, claim: str) -> str | None:
    """Return a web address, or None: one that cannot be opened is as good as none."""
    address = _text(claims, claim)
    return address if address is not None and origin_of(address) else None


def _origins(*addresses: str | None) -> tuple[str, ...]:
    found = (origin_of(address) for address in addresses if address)
    return tuple(dict.fromkeys(origin for origin in found if origin))
