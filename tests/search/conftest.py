"""Search with an encoder that needs no model: texts that share words are near."""

import pytest

from peerqa.search.engine import SearchEngine
from peerqa.search.updating import index_posts
from tests.fakes import WordsEncoder


@pytest.fixture
def encoder() -> WordsEncoder:
    return WordsEncoder()


@pytest.fixture
def engine(settings, tmp_path, encoder) -> SearchEngine:
    engine = SearchEngine(settings.model_copy(update={"home": tmp_path}))
    engine.encoders.use(encoder)
    return engine


@pytest.fixture
def index(session, encoder):
    """Return a function that indexes posts as the worker would."""

    def bring_in_line(*posts):
        session.commit()
        return index_posts([post.id for post in posts], encoder)

    return bring_in_line
