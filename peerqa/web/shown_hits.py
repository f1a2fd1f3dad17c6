"""Hits on their way to the page and back: the figures they were judged by travel signed.

So nobody can feed calibration with figures that were never shown. The look-up's key is random, made
by the page; all events of one look-up carry it, and it names no person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from peerqa.errors import N_, Invalid
from peerqa.gate import instance_key
from peerqa.search.hits import Hit
from peerqa.secrets import new_token
from peerqa.services.look_ups import ShownHit
from peerqa.web.quotes import Quote, quote

OLDEST_SECONDS = 2 * 86400  # a page that stays open longer than this has its figures refused
LONGEST_KEY = 64


@dataclass(frozen=True)
class Card:
    """A hit with all that its piece of the page needs."""

    hit: Hit
    quote: Quote | None
    signed: str
    address: str  # of the question, with its passage marked


def new_key() -> str:
    """Return a key for one look-up."""
    return new_token()[:32]


def read_key(text: str | None) -> str:
    """Return the key that came with a form.

    Raises:
        Invalid: it is missing, or not one of ours.
    """
    if not text or len(text) > LONGEST_KEY or not text.isascii():
        raise Invalid(_DAMAGED)
    return text


def make_cards(hits: Sequence[Hit], *, key: str) -> list[Card]:
    """Return the cards of these hits."""
    return [_make_card(hit, key) for hit in hits]


def _make_card(hit: Hit, key: str) -> Card:
    is_guide = hit.question.is_guide
    signed = sign(
        ShownHit(
            hit.question.id,
            hit.answer.id if hit.answer and not is_guide else None,
            hit.similarity,
            hit.gap,
            hit.probability,
            hit.model,
        )
    )
    if is_guide:
        address = url_for("pages.show_guide", guide_id=hit.question.id)
        return Card(hit, quote(hit), signed, address)
    address = url_for(
        "pages.show_question",
        question_id=hit.question.id,
        hit=signed,
        look_up=key,
        answer=hit.answer.id if hit.answer else None,
        start=hit.passage.start if hit.passage else None,
        end=hit.passage.end if hit.passage else None,
        _anchor=f"post-{hit.answer.id}" if hit.answer else None,
    )
    return Card(hit, quote(hit), signed, address)


def sign(hit: ShownHit) -> str:
    """Return the hit's figures as a text that only this installation can make."""
    figures = [_round(figure) for figure in (hit.similarity, hit.gap, hit.probability)]
    return str(_serializer().dumps([hit.question_id, hit.answer_id, *figures, hit.model]))


def read_signed(text: str) -> ShownHit:
    """Return the hit that was signed.

    Raises:
        Invalid: it was not, or too long ago.
    """
    try:
        return ShownHit(*_serializer().loads(text, max_age=OLDEST_SECONDS))
    except (BadData, TypeError):
        raise Invalid(_DAMAGED) from None


def _round(figure: float | None) -> float | None:
    return None if figure is None else round(float(figure), 4)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(instance_key().digest("shown-hits"))


_DAMAGED = N_("This page is too old or damaged. Reload it and try again.")
