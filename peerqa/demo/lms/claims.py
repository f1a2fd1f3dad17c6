"""What an id_token says, right in every case; faults.py spoils it afterwards.

LTI Core 1.3 sections 5.3 and 5.4, Deep Linking 2.0 section 4.4.1, NRPS 2.0 section 3.6.1.1, AGS 2.0
section 3.1, Submission Review 1.0 section 2.
"""

from peerqa.demo.lms.platform import Begun, Lms
from peerqa.demo.lms.web import Json
from peerqa.demo.lms.world import Course, Link, Person, Tool

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADES_SCOPES = "https://purl.imsglobal.org/spec/lti-ags/scope/"

RESOURCE = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
REVIEW = "LtiSubmissionReviewRequest"

_COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_PERSON_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_SUB_ROLES = {"TeachingAssistant": "Instructor"}  # short name → the role that it is a kind of


def claims_of(lms: Lms, begun: Begun, *, nonce: str) -> dict[str, Json]:
    """Return all claims of a launch that was begun."""
    person = lms.world.people[begun.person]
    course = lms.world.courses[begun.course]
    tool = lms.world.tools[begun.client_id]
    link = lms.world.links[begun.link] if begun.link else None
    now = int(lms.now().timestamp())
    claims: dict[str, Json] = {
        "iss": lms.issuer,
        "aud": tool.client_id,
        "sub": person.id,
        "iat": now,
        "exp": now + lms.switches.lasting_seconds,
        "nonce": nonce,
        **_personal(lms, person),
        f"{LTI}version": "1.3.0",
        f"{LTI}message_type": begun.message,
        f"{LTI}deployment_id": tool.deployment_id,
        f"{LTI}target_link_uri": begun.target,
        f"{LTI}roles": roles_of(person, course, short=lms.switches.short_roles),
        f"{LTI}custom": custom_of(course, link, tool),
        **_surroundings(lms, begun, course, person),
    }
    if lms.switches.several_audiences:
        claims["aud"], claims["azp"] = [tool.client_id, "another-client"], tool.client_id
    _add_services(claims, lms, course, link, tool)
    _add_message(claims, lms, begun, link)
    return claims


def _surroundings(lms: Lms, begun: Begun, course: Course, person: Person) -> dict[str, Json]:
    return {
        f"{LTI}context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"],
        },
        f"{LTI}tool_platform": {
            "guid": "northwind-academy",
            "name": "Northwind Academy",
            "product_family_code": "northwind-academy",
            "version": "1",
            "url": lms.issuer,
        },
        f"{LTI}launch_presentation": {
            "document_target": "window" if begun.window else "iframe",
            "locale": person.locale,
            "height": 450,
            "width": 900,
            "return_url": f"{lms.issuer}/courses/{course.id}/return",
        },
    }


def roles_of(person: Person, course: Course, *, short: bool = False) -> list[str]:
    """Return the roles of a person there, with what they are in the whole academy."""
    member = course.find(person)
    roles: list[str] = []
    for name in member.roles if member else []:
        parent = _SUB_ROLES.get(name)
        if short:
            roles.append(name)
        elif parent:
            roles += [f"{_COURSE_ROLE}/{parent}#{name}", f"{_COURSE_ROLE}#{parent}"]
        else:
            roles.append(f"{_COURSE_ROLE}#{name}")
    if short:
        return list(dict.fromkeys(roles))
    roles.append(f"{_PERSON_ROLE}{'Administrator' if person.is_admin else 'Student'}")
    if person.is_test:
        roles.append("http://purl.imsglobal.org/vocab/lti/system/person#TestUser")
    return list(dict.fromkeys(roles))


def custom_of(course: Course, link: Link | None, tool: Tool) -> dict[str, str]:
    """Return the custom parameters, the link's before the tool's, with variables filled in.

    LTI Core 1.3, appendix C: a variable that the platform does not know stays as it is.
    """
    known = {
        "$Context.id": course.id,
        "$Context.title": course.title,
        "$Context.id.history": ",".join(course.history),
        "$ResourceLink.id": link.id if link else "",
        "$ResourceLink.id.history": ",".join(link.history) if link else "",
    }
    wanted = tool.custom | (link.custom if link else {})
    return {name: known.get(value, value) for name, value in wanted.items()}


def link_claim(link: Link) -> dict[str, str]:
    """Return the claim of an activity."""
    claim = {"id": link.id, "title": link.title}
    return claim | ({"description": link.text} if link.text else {})


def _personal(lms: Lms, person: Person) -> dict[str, str]:
    if person.is_private:
        return {}
    shown = {"locale": person.locale}
    if lms.switches.shares_names:
        shown |= {"name": person.name, "given_name": person.given, "family_name": person.family}
    if lms.switches.shares_emails and person.email:
        shown["email"] = person.email
    return shown


def _add_services(
    claims: dict[str, Json], lms: Lms, course: Course, link: Link | None, tool: Tool
) -> None:
    base = f"{lms.issuer}/lti/courses/{course.id}"
    if lms.switches.offers_roster and ROSTER_SCOPE in tool.scopes:
        claims[ROSTER] = {
            "context_memberships_url": f"{base}/memberships?client={tool.client_id}",
            "service_versions": ["2.0"],
        }
    scopes = [scope for scope in tool.scopes if scope.startswith(GRADES_SCOPES)]
    if lms.switches.offers_grades and scopes:
        claims[GRADES] = {"scope": scopes, "lineitems": f"{base}/lineitems?client={tool.client_id}"}
        columns = lms.world.columns_of(course, tool.client_id) if link else []
        coupled = [column.id for column in columns if link and column.link == link.id]
        if len(coupled) == 1:  # AGS 2.0 section 3.1: several columns, no lineitem
            url = line_item_url(lms, course.id, coupled[0], tool.client_id)
            claims[GRADES]["lineitem"] = url


def line_item_url(lms: Lms, course: str, column: str, client_id: str) -> str:
    """Return the address of a column; as Moodle's it has a query, before which /scores goes."""
    return f"{lms.issuer}/lti/courses/{course}/lineitems/{column}/lineitem?client={client_id}"


def _add_message(claims: dict[str, Json], lms: Lms, begun: Begun, link: Link | None) -> None:
    if begun.message == DEEP_LINKING:
        kinds = ["ltiResourceLink", *(["link"] if lms.switches.accepts_links else [])]
        claims[f"{DEEP}deep_linking_settings"] = {
            "deep_link_return_url": begun.return_url,
            "accept_types": kinds,
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": lms.switches.accepts_several,
            "accept_lineitem": lms.switches.accepts_line_items,
            "auto_create": False,
            **({"data": begun.data} if begun.data is not None else {}),
        }
    elif link is not None:
        claims[f"{LTI}resource_link"] = link_claim(link)
    if begun.message == REVIEW and begun.for_person and begun.column:
        person = lms.world.people[begun.for_person]
        course = lms.world.courses[begun.course]
        names = {key: value for key, value in _personal(lms, person).items() if key != "locale"}
        claims[f"{LTI}for_user"] = {
            "user_id": person.id,
            "roles": roles_of(person, course),
            **names,
        }
        url = line_item_url(lms, course.id, begun.column, begun.client_id)
        claims.setdefault(GRADES, {})["lineitem"] = url
