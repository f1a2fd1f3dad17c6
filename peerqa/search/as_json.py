"""Look-ups as JSON: one shape for the API and the commands."""

from peerqa.search.hits import Found, Hit, Results


def found_as_json(found: Found, address: str) -> dict[str, object]:
    """Return what similar() found.

    Args:
        address: where people reach PeerQA, without a slash at the end.
    """
    return {
        "hits": [hit_as_json(hit, address) for hit in found.hits],
        "related": [hit_as_json(hit, address) for hit in found.related],
        "by_words_only": found.by_words_only,
    }


def results_as_json(results: Results, address: str) -> dict[str, object]:
    """Return a page of search(), in its order; a hit without a state claims nothing."""
    return {
        "hits": [hit_as_json(hit, address) for hit in results.hits],
        "related": [],
        "by_words_only": results.by_words_only,
        "next": results.next,
    }


def hit_as_json(hit: Hit, address: str) -> dict[str, object]:
    """Return one earlier question."""
    return {
        "question": hit.question.id,
        "title": hit.question.title,
        "url": f"{address}/{_kind(hit)}s/{hit.question.id}",
        "kind": _kind(hit),
        "probability": hit.probability,
        "state": hit.state,
        "answer": hit.answer.id if hit.answer and _kind(hit) == "question" else None,
        "sentence": hit.passage.text if hit.passage else None,
        "verified": hit.answer is not None and hit.answer.is_verified,
    }


def _kind(hit: Hit) -> str:
    return "guide" if hit.question.is_guide else "question"
