"""What must be true of the company's text, beyond its form: the rules that the pages have too."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from peerqa.demo.reading import BadCompany
from peerqa.demo.shapes import Company, Remark, Thread


def check_company(company: Company) -> None:
    """Check people and threads against each other.

    Raises:
        BadCompany: the first mistake, with its place.
    """
    spaces = {space.name for space in company.spaces}
    for person in company.people.values():
        if not person.spaces <= spaces:
            raise BadCompany(person.key, f"is in an unknown space: {person.spaces - spaces}.")
        if person.department not in company.departments:
            raise BadCompany(person.key, f"is in an unknown department: {person.department}.")
    times_named = Counter(thread.key for thread in company.threads)
    for topic in company.topics:
        for thread in topic.threads:
            place = f"{topic.name}.yaml, {thread.key}"
            if times_named[thread.key] > 1:
                raise BadCompany(place, "its key is another thread's too.")
            if thread.duplicate_of and thread.duplicate_of not in times_named:
                raise BadCompany(place, f"duplicates the unknown {thread.duplicate_of}.")
            for mistake in _mistakes(company, thread):
                raise BadCompany(place, mistake)


def _mistakes(company: Company, thread: Thread) -> Iterator[str]:
    if thread.space not in {space.name for space in company.spaces}:
        yield f"is in the unknown space {thread.space}."
        return
    yield from _mistakes_about_people(company, thread)
    yield from _late_first(thread.ago, thread.remarks)
    for reply in thread.replies:
        if reply.ago > thread.ago:
            yield f"the answer by {reply.by} is older than the question."
        yield from _late_first(reply.ago, reply.remarks)
        if reply.by in reply.helped:
            yield f"{reply.by} finds their own answer helpful."
    if thread.by in thread.same:
        yield f"{thread.by} has their own question too."
    if sum(reply.is_accepted for reply in thread.replies) > 1:
        yield "has two accepted answers."


def _mistakes_about_people(company: Company, thread: Thread) -> Iterator[str]:
    closed = any(space.is_closed and space.name == thread.space for space in company.spaces)
    for key in _everybody_in(thread):
        person = company.people.get(key)
        if person is None:
            yield f"names {key}, who is not in company.yaml."
        elif closed and thread.space not in person.spaces:
            yield f"has {key} in it, who is not in the closed space {thread.space}."


def _everybody_in(thread: Thread) -> Iterator[str]:
    yield thread.by
    yield from thread.same
    yield from (remark.by for remark in thread.remarks)
    for reply in thread.replies:
        yield reply.by
        yield from reply.helped
        yield from (remark.by for remark in reply.remarks)


def _late_first(ago: timedelta, remarks: Sequence[Remark]) -> Iterator[str]:
    for remark in remarks:
        if remark.ago > ago:
            yield f"the comment by {remark.by} is older than what it stands under."
