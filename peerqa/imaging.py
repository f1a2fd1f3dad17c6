"""Pictures that people send: decoded within bounds, and written anew without what they carry along.

Nothing of the file survives but its pixels: no position of the camera, no name, no second picture
behind the first, nothing that another program could take for a script. The size is read from the
header before a pixel is decoded, and one picture at a time is decoded in a process.
"""

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peerqa.errors import N_, Busy, Invalid

if TYPE_CHECKING:  # loaded with the first picture: most processes never see one
    from PIL.Image import Image

MAX_BYTES = 8_000_000
MAX_PHOTO_PIXELS = 40_000_000  # a JPEG is decoded at a fraction of its size at once
MAX_PIXELS = 16_000_000  # of others, which are decoded whole: 64 MB
LONGEST_EDGE = 1600  # as it is kept; wider than any column of ours
MAX_STORED_BYTES = 1_500_000
MIME_TYPE = "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITIES = (88, 70, 45)
_WAIT_SECONDS = 10.0
_decoding = threading.Lock()


class BadPicture(Invalid):
    """The file is no picture that is taken."""

    code = "bad-picture"


@dataclass(frozen=True)
class Encoded:
    """A picture as it is kept: WebP, its edges at most LONGEST_EDGE pixels."""

    data: bytes
    width: int
    height: int


def reencode(data: bytes, *, longest_edge: int = LONGEST_EDGE) -> Encoded:
    """Make a picture of ours out of what was sent.

    Args:
        data: a file, whatever it says it is; JPEG, PNG, WebP and GIF are taken, by their content.
        longest_edge: pixels; what is larger is made smaller.

    Raises:
        BadPicture: it is another kind of file, damaged, or has too many pixels or bytes.
        Busy: other pictures are being decoded.
    """
    if len(data) > MAX_BYTES:
        raise BadPicture(
            N_("A picture has at most %(most)s MB."), field="picture", most=MAX_BYTES // 1_000_000
        )
    if not _decoding.acquire(timeout=_WAIT_SECONDS):
        raise Busy(N_("Many pictures are being sent at this moment. Please try again."))
    try:
        return _reencode(data, longest_edge)
    except (
        OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, EOFError,
        MemoryError, struct.error, zlib.error,
    ):  # fmt: skip # whatever a decoder says of a damaged file
        raise BadPicture(
            N_("This is no picture that can be read. Send a PNG, JPEG, WebP or GIF."),
            field="picture",
        ) from None
    finally:
        _decoding.release()


def _reencode(data: bytes, longest_edge: int) -> Encoded:
    from PIL import Image, ImageOps

    try:
        opened = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError:  # the library's own bound, far above ours
        raise ValueError("a bomb") from None
    with opened:
        most = MAX_PHOTO_PIXELS if opened.format == "JPEG" else MAX_PIXELS
        width, height = opened.size
        if width * height > most:
            raise BadPicture(
                N_("This picture has %(count)s megapixels; at most %(most)s are taken."),
                field="picture",
                count=-(-width * height // 1_000_000),
                most=most // 1_000_000,
            )
        opened.draft("RGB", (longest_edge, longest_edge))
        has_alpha = opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info
        opened.thumbnail((longest_edge, longest_edge), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(opened)
        pixels = upright.convert("RGBA" if has_alpha else "RGB")
    clean = Image.new(pixels.mode, pixels.size)  # of the first frame; what comes along stays behind
    clean.paste(pixels)
    return _write(clean)


def _write(picture: "Image") -> Encoded:
    for quality in _QUALITIES:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= MAX_STORED_BYTES:
            return Encoded(file.getvalue(), *picture.size)
    raise BadPicture(
        N_("This picture is too noisy to be kept small. Send a part of it."), field="picture"
    )
