"""What can go wrong in the indexer, each with a sentence that says what to do.

Callers catch two families and go on with words alone: `ModelUnavailable`, when
there is nothing to encode with, and `IndexUnavailable`, when there is nothing to
search in.
"""


class IndexerError(Exception):
    """Everything the indexer raises on purpose."""


class ModelUnavailable(IndexerError):
    """No text can be encoded with the prepared model."""


class ModelMissing(ModelUnavailable):
    """No model was prepared."""


class ModelDamaged(ModelUnavailable):
    """A file of the model is not the one that was prepared."""


class ModelMismatch(ModelUnavailable):
    """The model runs, and is not what its provenance says."""


class EncodingFailed(IndexerError):
    """The model was opened and could not be run."""


class PreparationFailed(IndexerError):
    """A model could not be prepared; the one before it is untouched."""


class IndexUnavailable(IndexerError):
    """The saved vectors of an organization cannot be searched."""


class IndexMissing(IndexUnavailable):
    """Nothing was saved yet."""


class IndexDamaged(IndexUnavailable):
    """A saved file is incomplete or was altered."""


class IndexMismatch(IndexUnavailable):
    """The saved vectors belong to another model."""


class IndexUnsupported(IndexUnavailable):
    """The database knows no vectors."""


class TooFarBehind(IndexUnavailable):
    """More has changed than one look-up takes over."""


class SavingFailed(IndexerError):
    """The vectors could not be written; what was saved before is untouched."""


class FineTuningFailed(IndexerError):
    """The model could not be trained."""
