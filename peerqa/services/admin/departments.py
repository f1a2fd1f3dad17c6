"""Departments out of an admin's CSV: who is where, by e-mail address.

A spreadsheet writes commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. It is all or
nothing: a file in which a row cannot be read changes nothing. What an LMS says stays as it is.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.errors import N_, Invalid
from peerqa.models import Member
from peerqa.models.department import DepartmentSource
from peerqa.services import audit, members
from peerqa.services.admin.admins import refuse_others
from peerqa.services.organizations import read_name

MOST_ROWS = 20_000
MOST_CELL = 1000  # characters
AT_ONCE = 500  # addresses looked up in a query
MOST_TOLD = 20  # addresses that the report names
_EMAIL = {"email", "e_mail", "mail", "address", "e_mail_address", "email_address"}
_DEPARTMENT = {"department", "unit", "team", "abteilung", "bereich"}


@dataclass(frozen=True)
class Row:
    """One line of the file."""

    number: int  # as a spreadsheet counts: the header is row 1
    email: str
    department: str


@dataclass
class Report:
    """What came of a file."""

    changed: int = 0
    unchanged: int = 0
    kept_by_lms: int = 0
    unknown: list[str] = field(default_factory=list)  # addresses of nobody here

    @property
    def unknown_shown(self) -> Sequence[str]:
        """The first of them."""
        return self.unknown[:MOST_TOLD]


def read_departments(data: bytes) -> list[Row]:
    """Read the file.

    Raises:
        Invalid: with a sentence that names the row.
    """
    rows = _cells(_decode(data))
    header = next(rows, None)
    if header is None:
        raise Invalid(N_("The file is empty."), field="file")
    names = [re.sub(r"[\s_-]+", "_", name.strip().lower()) for name in header]
    email, department = _place(names, _EMAIL), _place(names, _DEPARTMENT)
    if email is None or department is None:
        raise Invalid(
            N_("The first row must name the columns “email” and “department”. It has: %(names)s."),
            field="file",
            names=", ".join(header)[:200],
        )
    found: dict[str, Row] = {}
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) <= max(email, department):
            raise Invalid(N_("Row %(row)s has too few cells."), field="file", row=number)
        row = Row(number, cells[email].strip().lower(), cells[department].strip())
        if row.email in found and found[row.email].department != row.department:
            raise Invalid(
                N_("Row %(row)s says something else of %(email)s than row %(other)s."),
                field="file", row=number, email=row.email[:100], other=found[row.email].number,
            )  # fmt: skip
        found[row.email] = _checked(row)
        if len(found) > MOST_ROWS:
            raise Invalid(
                N_("A file has at most %(most)s rows. Divide it."), field="file", most=MOST_ROWS
            )
    return list(found.values())


def set_departments(session: Session, rows: Sequence[Row], *, by: Member, at: datetime) -> Report:
    """Put members into their departments; an empty cell changes nothing."""
    refuse_others(by)
    report = Report()
    wanted = {row.email: row for row in rows}
    for addresses in _pieces(list(wanted)):
        found = {
            member.email: member
            for member in session.scalars(
                select(Member).where(
                    Member.organization_id == by.organization_id, Member.email.in_(addresses)
                )
            )
        }
        for address in addresses:
            _set(session, report, found.get(address), wanted[address])
    audit.record(
        session, "member.departments", by=by, at=at, rows=len(rows), changed=report.changed
    )
    return report


def _set(session: Session, report: Report, member: Member | None, row: Row) -> None:
    if member is None:
        report.unknown.append(row.email)
    elif not row.department or _is_there(member, row.department):
        report.unchanged += 1
    elif not members.decides_department(member, DepartmentSource.ADMIN):
        report.kept_by_lms += 1
    else:
        members.set_department(session, member=member, name=row.department)
        report.changed += 1


def _is_there(member: Member, department: str) -> bool:
    is_named_so = member.department is not None and member.department.name == read_name(department)
    return is_named_so and member.department_source != DepartmentSource.SELF


def _checked(row: Row) -> Row:
    try:
        members.read_email(row.email)
        if row.department:
            read_name(row.department)
    except Invalid:
        raise Invalid(
            N_("Row %(row)s: “%(email)s” is no e-mail address, or “%(name)s” no department."),
            field="file", row=row.number, email=row.email[:100], name=row.department[:100],
        ) from None  # fmt: skip
    return row


def _decode(data: bytes) -> str:
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid(N_("This is no text. Save the table as CSV in UTF-8."), field="file")


def _cells(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row; the header says what stands between them."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(
        io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter, strict=True
    )
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(
                N_("Row %(row)s: a quote is opened and never closed, or closed inside a cell."),
                field="file",
                row=reader.line_num,
            ) from None
        if any(len(cell) > MOST_CELL for cell in cells):
            raise Invalid(
                N_("Row %(row)s has a cell with more than %(most)s characters."),
                field="file", row=reader.line_num, most=MOST_CELL,
            )  # fmt: skip
        yield cells


def _place(names: Sequence[str], meant: Iterable[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in set(meant)), None)


def _pieces(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(addresses), AT_ONCE):
        yield addresses[start : start + AT_ONCE]
