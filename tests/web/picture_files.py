"""Picture files, good and hostile, made on the spot."""

import io
import struct
import zlib

from PIL import Image
from sqlalchemy.orm import Session

from peerqa.models import Member, Picture, PicturePost, Post
from peerqa.secrets import new_token
from tests.conftest import NOON


def file_of(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """A red picture."""
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind, **more)
    return file.getvalue()


def photo_with_a_place() -> bytes:
    """A JPEG that lies on its side, and says where and by whom it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x013B] = "Alice Asker"
    exif.get_ifd(0x8825)[1] = "N"
    return file_of("JPEG", exif=exif, comment=b"Alice Asker")


def header_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and has nothing in it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        sums = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + sums

    start = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    )
    return start + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")


def add_picture(session: Session, post: Post, member: Member) -> str:
    """Let a post show a picture; returns its token."""
    token = new_token()
    picture = Picture(
        organization_id=member.organization_id, token=token, width=40, height=30,
        created_at=NOON, data=file_of("WEBP"),
    )  # fmt: skip
    session.add(picture)
    session.flush()
    session.add(PicturePost(picture_id=picture.id, post_id=post.id))
    session.flush()
    return token
