"""Pictures are written anew, within bounds, whatever the file says it is."""

import io
import threading
import time
import tracemalloc

import pytest
from PIL import Image

from peerqa import imaging
from peerqa.errors import Busy
from peerqa.imaging import BadPicture, reencode
from tests.web.picture_files import file_of, header_of, photo_with_a_place


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_webp(kind):
    encoded = reencode(file_of(kind))

    made = Image.open(io.BytesIO(encoded.data))
    assert (made.format, made.size) == ("WEBP", (40, 30))
    assert (encoded.width, encoded.height) == (40, 30)
    red, green, blue = made.convert("RGB").getpixel((20, 15))
    assert red > 240
    assert green + blue < 30


def test_what_a_photo_carries_along_is_gone_and_it_stands_upright():
    sent = photo_with_a_place()
    assert b"Alice" in sent

    encoded = reencode(sent)

    assert (encoded.width, encoded.height) == (30, 40)
    assert b"Alice" not in encoded.data
    assert not Image.open(io.BytesIO(encoded.data)).getexif()


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    encoded = reencode(file_of("JPEG", (6000, 3000)))

    assert (encoded.width, encoded.height) == (1600, 800)


def test_what_shines_through_goes_on_shining_through():
    file = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(file, "PNG")

    made = Image.open(io.BytesIO(reencode(file.getvalue()).data))

    assert made.mode == "RGBA"
    assert made.getpixel((1, 1))[3] == 0


def test_of_a_moving_picture_the_first_frame_is_kept():
    file = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])

    made = Image.open(io.BytesIO(reencode(file.getvalue()).data))

    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((4, 4))[0] > 240


HOSTILE = {
    "nothing": b"",
    "text": b"<script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "half a picture": file_of("JPEG", (400, 300))[:600],
    "half a png": file_of("PNG", (400, 300))[:120],
    "a kind that is not taken": file_of("TIFF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
    "no pixels": header_of(0, 0),
    "fewer pixels than it says": header_of(400, 300),
    "a signature alone": b"\x89PNG\r\n\x1a\n",
    "too many bytes": b"\xff\xd8\xff" + b"\0" * imaging.MAX_BYTES,
    "a bomb": header_of(50_000, 50_000),
    "a bomb past what an integer holds": header_of(2**31 - 1, 2**31 - 1),
    "more than others may have": header_of(4001, 4000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_of_bounds_is_refused_at_once_and_costs_little(name):
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(BadPicture):
        reencode(HOSTILE[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert time.process_time() - began < 5
    assert peak < 20_000_000


def test_a_photo_of_many_pixels_is_told_how_many_are_taken():
    with pytest.raises(BadPicture) as refusal:
        reencode(header_of(5000, 4000))

    assert str(refusal.value) == "This picture has 20 megapixels; at most 16 are taken."


def test_one_picture_is_decoded_at_a_time(monkeypatch):
    monkeypatch.setattr(imaging, "_WAIT_SECONDS", 0.05)
    with imaging._decoding, pytest.raises(Busy):
        reencode(file_of())
    thread = threading.Thread(target=reencode, args=[file_of()])
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert not imaging._decoding.locked()
