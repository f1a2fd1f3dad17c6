"""What a file can have wrong: always where, and what."""

from peerqa.errors import Invalid


class BrokenSource(Invalid):
    """The file to import cannot be read; nothing of it was imported."""

    code = "broken-import"


class TooLarge(BrokenSource):
    """The file is far larger inside than any real one: it is made to exhaust the machine."""

    code = "import-too-large"
