"""The outbox topic "reword": the words of an organization's posts, in the stems of its language.

Asked for when the language changes. A few seconds at a time, so that mail and new posts go on; the
next piece is asked for with the post at which this one ended, so nothing is lost when the worker is
killed, and harmless twice. Until it is through, posts are found by words of both languages' stems.
Vectors stay as they are: the model reads texts, not stems.
"""

import time
from collections.abc import Sequence

import structlog

from peerqa import outbox
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.search.texts import POST, in_sight, read_texts
from peerqa.search.words import write_words
from peerqa.services.admin.defaults import REWORD

AT_ONCE = 100  # posts in a transaction; writers of others wait for it
SECONDS = 4.0  # that one run goes on

log = structlog.get_logger()


def reword(keys: Sequence[str]) -> None:
    """Do what the outbox asks."""
    for key in keys:
        organization_id, after = (int(part) for part in key.split(":"))
        _reword_some(organization_id, after=after)


def _reword_some(organization_id: int, *, after: int) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended = _reword_batch(organization_id, after=after)
        if ended is None:
            log.info("words.reworded", organization=organization_id)
            return
        after = ended
    with transaction() as session:
        outbox.ask(session, REWORD, f"{organization_id}:{after}", at=utc_now())


def _reword_batch(organization_id: int, *, after: int) -> int | None:
    """Write the words of some posts anew; returns the last one, None after all of them.

    Read and written in one transaction: an edit that comes between has its own turn later.
    """
    mine = (
        in_sight()
        .with_only_columns(POST.c.id)
        .where(POST.c.organization_id == organization_id, POST.c.id > after)
        .order_by(POST.c.id)
        .limit(AT_ONCE)
    )
    with transaction() as session:
        post_ids = list(session.scalars(mine))
        write_words(session, [text.words for text in read_texts(session, post_ids)])
    return post_ids[-1] if post_ids else None
