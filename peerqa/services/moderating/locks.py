"""Locked threads: everybody reads them; nobody answers or comments, and stewards alone edit."""

from peerqa.errors import N_, Conflict
from peerqa.models import Member, Question
from peerqa.permissions import moderates, wears_mask


class ThreadLocked(Conflict):
    """Nothing is added here any more."""

    code = "thread-locked"


def refuse_locked(question: Question, *, editor: Member | None = None) -> None:
    """Say so where a thread is locked; ask it when the question is held.

    Whoever asked without a name is refused as every asker is: that they may would say who they are.

    Args:
        editor: who changes what is there already, which stewards may.

    Raises:
        ThreadLocked: it is.
    """
    may_edit = (
        editor is not None and moderates(editor, question) and not wears_mask(editor, question)
    )
    if question.locked_at is None or may_edit:
        return
    raise ThreadLocked(
        N_("A steward has locked this thread: it can be read, and nothing is added or changed."),
        question=question.id,
    )
