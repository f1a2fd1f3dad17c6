"""Departments out of a table, and who says in which one somebody is."""

import pytest

from peerqa.errors import Conflict, Invalid, NotAllowed
from peerqa.models.department import DepartmentSource
from peerqa.services import members
from peerqa.services.admin.departments import read_departments, set_departments
from tests.conftest import NOON

TABLE = "email,department\nbob@example.org,Workshop\n"


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode("utf-16"),
        b'\r\n"E-Mail","Unit"\r\n"BOB@example.org","Workshop"\r\n,\r\n',
        b"name,department,email\nBob,Workshop,bob@example.org\n\n,,\n",
    ],
)
def test_tables_of_every_spreadsheet_are_read(data):
    ((email, department),) = [(row.email, row.department) for row in read_departments(data)]

    assert (email, department) == ("bob@example.org", "Workshop")


def test_windows_letters_are_read():
    (row,) = read_departments("email;department\na@b.c;Lager Süd".encode("cp1252"))

    assert row.department == "Lager Süd"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\x00\x00", "no text"),
        (b"name,department\nBob,IT", "“email” and “department”"),
        (b"email,department\nbob@example.org", "Row 2 has too few cells"),
        (b"email,department\nbob,IT", "Row 2: “bob”"),
        (b"email,department\nb@x.y," + b"x" * 300, "Row 2"),
        (b"email,department\nb@x.y," + b"x" * 2000, "more than 1000"),
        (b'email,department\nb@x.y,"IT', "a quote"),
        (b"email,department\nb@x.y,IT\nB@x.y,HR", "Row 3 says something else of b@x.y than row 2"),
        (b"email,department\n" + b"".join(b"a%d@x.y,IT\n" % i for i in range(20_001)), "20000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(data, said):
    with pytest.raises(Invalid, match=said) as refused:
        read_departments(data)
    assert refused.value.field == "file"


def test_the_table_says_where_who_is_and_the_lms_before_it(session, admin, alice, bob, steward):
    members.set_department(session, member=alice, name="Course", source=DepartmentSource.LMS)
    members.set_department(session, member=steward, name="IT", source=DepartmentSource.SELF)
    rows = read_departments(
        b"email,department\nalice@example.org,IT\nbob@example.org,IT\nsam@example.org,IT\n"
        b"ada@example.org,\ncarol@example.org,IT"
    )

    report = set_departments(session, rows, by=admin, at=NOON)

    assert (report.changed, report.unchanged, report.kept_by_lms) == (2, 1, 1)
    assert report.unknown == ["carol@example.org"]
    assert (alice.department.name, bob.department.name) == ("Course", "IT")
    assert steward.department_source == DepartmentSource.ADMIN
    assert set_departments(session, rows, by=admin, at=NOON).unchanged == 3
    with pytest.raises(NotAllowed):
        set_departments(session, rows, by=bob, at=NOON)


def test_the_own_choice_counts_until_an_admin_or_the_lms_says_something(session, bob):
    members.update_profile(session, member=bob, about="", department=" Work  shop ")
    assert (bob.department.name, bob.department_source) == ("Work shop", DepartmentSource.SELF)
    members.update_profile(session, member=bob, about="", department="")
    assert bob.department is None

    members.set_department(session, member=bob, name="IT")
    members.update_profile(session, member=bob, about="", department="IT")
    with pytest.raises(Conflict, match="Your admins"):
        members.update_profile(session, member=bob, about="", department="Elsewhere")
    members.set_department(session, member=bob, name="Lab", source=DepartmentSource.LMS)
    with pytest.raises(Conflict, match="The LMS"):
        members.leave_department(session, member=bob)
    assert bob.department.name == "Lab"
