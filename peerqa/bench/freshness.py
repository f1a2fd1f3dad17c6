"""Part `freshness`: how soon after its commit a new question is found by another process.

A question and its answer are committed by this process while `peerqa serve` idles; its worker
indexes them, and its web process is asked until it finds the question by meaning: a hit by words
alone has no probability, and does not count.
"""

from time import perf_counter, sleep

from peerqa.bench import processes
from peerqa.bench.ground import Ground
from peerqa.bench.serving import Caller, until_by_meaning
from peerqa.bench.times import percentiles
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.models import Member, Space
from peerqa.services import answers, questions

NEW = 30  # questions
LONGEST_SECONDS = 30.0
PAUSE_SECONDS = 0.02  # between two look-ups: the worker needs the machine as well


class NeverFound(RuntimeError):
    """A question was committed and is not found."""


def measure(ground: Ground) -> dict[str, object]:
    """Start the server, then ask and answer, and look until it is found."""
    ground.tell(f"Asking {NEW} new questions, and looking until they are found.")
    seconds = []
    with processes.served(ground.home / "found.log") as (process, port):
        caller = Caller(port, ground.token)
        until_by_meaning(caller, ground.typed[0], process=process)
        for thread in ground.threads[:NEW]:
            title = f"{thread.title.rstrip('?')} this year?"
            question_id = _ask_and_answer(ground, title, thread.body, thread.answer)
            seconds.append(_until_found(caller, title, question_id))
    return {"found_by_another_process": {**percentiles(seconds), "questions": len(seconds)}}


def _ask_and_answer(ground: Ground, title: str, body: str, answer: str) -> int:
    with transaction() as session:
        member = session.get_one(Member, ground.member_id)
        space = session.get_one(Space, 1)
        question = questions.post_question(
            session, space=space, author=member, title=title[: questions.MAX_TITLE], body=body,
            at=utc_now(),
        )  # fmt: skip
        answers.post_answer(session, question=question, author=member, body=answer, at=utc_now())
        return question.id


def _until_found(caller: Caller, title: str, question_id: int) -> float:
    """Return the seconds from the commit to the end of the first look-up that finds it."""
    committed = perf_counter()
    while True:
        found = caller.similar(title)
        taken = perf_counter() - committed
        if any(
            hit["question"] == question_id and hit["probability"] is not None
            for hit in (*found["hits"], *found["related"])
        ):
            return taken
        if taken > LONGEST_SECONDS:
            raise NeverFound(f"Question {question_id} is not found {taken:.0f} s after its commit.")
        sleep(PAUSE_SECONDS)
