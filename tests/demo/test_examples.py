"""The dozen ready-made examples, through the whole of the product with the real encoder."""

import pytest
import yaml

from indexer.encoder import OnnxEncoder
from peerqa.demo.company import FOLDER
from peerqa.demo.seeding import list_questions
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of_organization
from peerqa.search.updating import fill_gaps

# The long run does it on PostgreSQL too: words are found alike there, see tests/search.
pytestmark = [
    pytest.mark.model,
    pytest.mark.parametrize(
        "database_kind",
        ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
        indirect=True,
    ),
]


def test_at_least_ten_of_the_dozen_find_their_answer(session, founded, settings, model_folder):
    encoder = OnnxEncoder.open(model_folder)
    engine = SearchEngine(settings.model_copy(update={"encode_timeout_seconds": 30}))
    engine.encoders.use(encoder)
    session.commit()
    ended = 0
    while (after := fill_gaps(encoder, after=ended)) is not None:
        ended = after
    examples = yaml.safe_load((FOLDER.parent / "examples.yaml").read_text("utf-8"))["examples"]
    expected = {key: question.id for key, question in list_questions(session, founded).items()}

    missed = []
    for example in examples:
        found = engine.similar(session, reader_of_organization(founded), title=example["typed"])
        if [hit.question.id for hit in found.hits[:1]] != [expected[example["expects"]]]:
            missed.append(example["typed"])

    assert len(examples) >= 12
    assert len(missed) <= 2, missed
