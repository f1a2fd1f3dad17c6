"""The figures as people read them, each beside its aim."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# key, key inside, what it is, its unit, its aim: at most, or at least when negative
_ROWS = (
    ("similar_in_process", "p50_ms", "look-up in process, median", "ms", None),
    ("similar_in_process", "p95_ms", "look-up in process, 95 %", "ms", None),
    ("similar_in_process", "ratio", "  times its floor, median", "x", 1.1),
    ("similar_in_process", "p95_ratio", "  times its floor, 95 %", "x", 1.1),
    ("similar_in_process", "with_hits", "look-ups that showed a hit", "", None),
    ("similar_http", "p50_ms", "look-up over HTTP, median", "ms", None),
    ("similar_http", "p95_ms", "look-up over HTTP, 95 %", "ms", None),
    ("similar_http", "ratio", "  times its floor, median", "x", 1.35),
    ("similar_http", "p95_ratio", "  times its floor, 95 %", "x", 1.6),
    ("index", "per_second", "texts indexed a second", "", None),
    ("index", "ratio", "  share of bare encoding", "x", -0.85),
    ("web_process_mb", None, "memory of a web process", "MB", 250.0),
    ("first_page_s", None, "start to first page", "s", 5.0),
    ("first_semantic_s", None, "start to first look-up by meaning", "s", None),
    ("found_by_another_process", "p95_ms", "commit to found by another, 95 %", "ms", 2000.0),
    ("typists", "per_second", "look-ups by meaning, eight typing", "/s", None),
    ("typists", "ratio", "  share of the encoder alone", "x", -0.8),
    ("typists", "p95_ms", "  word to answer, 95 %", "ms", None),
    ("launches", "per_second", "LTI launches a second, sustained", "", -29.5),
    ("routing", "p50_ms", "whom to ask, median", "ms", None),
    ("routing", "beyond_encode_ms", "  beyond the encode", "ms", 20.0),
    *(
        (f"pages.{name}", inside, what, unit, aim)
        for name, at_least, at_most in (("question", -150.0, 120.0), ("list", None, None))
        for inside, what, unit, aim in (
            ("per_second", f"{name} pages, eight reading", "/s", at_least),
            ("p95_ms", "  95 %", "ms", at_most),
            ("cpu_ms", "  CPU of one", "ms", None),
            ("ratio", "  share of a still page", "x", None),
        )
    ),
    *(
        (f"pages.{name}", inside, what, unit, aim)
        for name in ("ask", "answer")
        for inside, what, unit, aim in (
            ("per_second", f"{name}, eight writing", "/s", -100.0),
            ("p99_ms", "  99 %", "ms", 250.0),
            ("cpu_ms", "  CPU of one", "ms", None),
            ("ratio", "  share of a still page", "x", None),
        )
    ),
    ("torch_free", None, "no torch in any process", "", None),
)


def lines(figures: Mapping[str, Any]) -> Iterator[str]:  # Any: JSON
    """Return one line a figure, the floor's parts, and what was made up."""
    for key, inside, what, unit, aim in _ROWS:
        found: Any = figures
        for step in key.split("."):
            found = found.get(step, {})
        if found != {}:
            value = found[inside] if inside else found
            yield f"{what:36}{value!s:>9} {unit:4}{_judged(value, aim)}"
    for part, times in figures.get("floor", {}).items():
        yield f"{f'floor: {part}':36}{times['p50_ms']!s:>9} ms   (95 %: {times['p95_ms']} ms)"
    for part, times in figures.get("launches", {}).items():
        if isinstance(times, dict) and "p50_ms" in times:
            what = f"launches: {part.replace('_', ' ')}"
            yield f"{what:36}{times['p50_ms']!s:>9} ms   (95 %: {times['p95_ms']} ms)"
    yield ""
    yield f"The floor: {figures['floor_is']}."
    yield figures["synthetic"]
    if "pages_synthetic" in figures:
        yield figures["pages_synthetic"]
    yield f"{figures['seconds']} s in all."


_VECTORS_ROWS = (
    ("recall_at_10", "recall@10 against all rows, whole", "", -0.98),
    ("look_up.p50_ms", "look-up beyond the encode, median", "ms", 10.0),
    ("look_up.p95_ms", "look-up beyond the encode, 95 %", "ms", None),
    ("first_answer_s", "open to first answer", "s", 3.0),
    ("resident_bytes_a_vector", "memory a vector, every page touched", "B", 450.0),
    ("rss_bytes_a_vector", "  resident after the look-ups", "B", None),
    ("pss_bytes_a_vector", "  proportional share of it", "B", None),
    ("private_bytes_a_vector", "  without file-backed pages", "B", None),
    ("disk_bytes_a_vector", "disk a vector", "B", None),
    ("lists", "lists", "", None),
    ("probes", "  of which a look-up takes", "", None),
    ("build_s", "training, measuring and writing", "s", None),
    ("build_peak_mb", "  memory at its peak", "MB", None),
)


_PGVECTOR_ROWS = (
    ("recall_at_10", "recall@10 against all rows", "", -0.97),
    ("faiss_recall_at_10", "  of FAISS", "", None),
    ("look_up.p50_ms", "look-up beyond the encode, median", "ms", None),
    ("look_up.p95_ms", "look-up beyond the encode, 95 %", "ms", None),
    ("faiss_look_up.p50_ms", "  with FAISS, median", "ms", None),
    ("faiss_look_up.p95_ms", "  with FAISS, 95 %", "ms", None),
    ("ratio_to_faiss", "  times FAISS, median", "x", None),
    ("width", "rows in view of the graph", "", None),
    ("build_s", "filling and building the graph", "s", None),
    ("table_bytes_a_vector", "table a vector", "B", None),
    ("graph_bytes_a_vector", "graph a vector", "B", None),
)


def lines_of_vectors(figures: Mapping[str, Any]) -> Iterator[str]:  # Any: JSON
    """Return one line a figure of an index alone."""
    return _lines_of(figures, "vectors_only", _VECTORS_ROWS)


def lines_of_pgvector(figures: Mapping[str, Any]) -> Iterator[str]:  # Any: JSON
    """Return one line a figure of an index in PostgreSQL, beside FAISS."""
    return _lines_of(figures, "pgvector", _PGVECTOR_ROWS)


Row = tuple[str, str, str, float | None]


def _lines_of(
    figures: Mapping[str, Any], part: str, rows: Sequence[Row]
) -> Iterator[str]:  # Any: JSON
    for path, what, unit, aim in rows:
        value: Any = figures[part]
        for key in path.split("."):
            value = value[key]
        yield f"{what:36}{value!s:>9} {unit:4}{_judged(value, aim)}"
    yield ""
    yield figures["synthetic"]
    yield f"{figures['seconds']} s in all."


def _judged(value: float, aim: float | None) -> str:
    if aim is None:
        return ""
    is_met = value <= aim if aim > 0 else value >= -aim
    return f"aim {'≤' if aim > 0 else '≥'} {abs(aim):g}{'' if is_met else '  MISSED'}"
