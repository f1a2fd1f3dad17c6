"""Runs the migrations on a connection that peerqa.database made; there is no offline mode."""

from alembic import context

import lti.models  # noqa: F401 - makes the tables known, the core's too
from peerqa.database import Base

# Full-text tables are written by hand in a migration and are no models.
HAND_WRITTEN = ("words",)


def is_model(name: str | None, kind: str) -> bool:
    """Leave hand-written tables out of comparisons."""
    return not (kind == "table" and name and name.startswith(HAND_WRITTEN))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=lambda name, kind, _parents: is_model(name, kind),
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
