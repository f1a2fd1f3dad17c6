"""The prepared model as a folder of three files, and as one file to carry about.

`model.onnx` (int8), `tokenizer.json` and `provenance.json`, which says where the
weights came from and holds the checksum of the other two. It travels as a .tar.gz
to machines that have no torch or no way to a model hub.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from indexer.errors import ModelDamaged, ModelMissing
from indexer.files import CHUNK_BYTES, folder_beside, locked, put_in_place, sha256_of

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
PROVENANCE = "provenance.json"
LARGEST_BYTES: Mapping[str, int] = {MODEL: 2 << 30, TOKENIZER: 64 << 20, PROVENANCE: 1 << 20}
"""Also the list of the only names an artefact may hold."""

_PREPARE = "Run `peerqa model prepare`, or `peerqa model import FILE`."


@dataclass(frozen=True, slots=True)
class Parity:
    """How near the prepared model stays to the original, over sample texts."""

    cosine_min: float
    cosine_mean: float
    sample_count: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a prepared model comes from, and what it must be.

    Attributes:
        revision: of the source, or empty when the source has none.
        weights_sha256: of the source's weights, or empty when they are not one file.
        libraries: name to version, of what exported it.
        sha256: file name to checksum, of the other two files.
        prefix: what the tokenizer puts before every text.
        is_centred: whether the graph takes out what all vectors of the model share.
        tuned_from: the model that it was fine-tuned from; empty when it was not.
    """

    name: str
    source: str
    revision: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    libraries: Mapping[str, str]
    created_at: datetime
    parity: Parity
    sha256: Mapping[str, str]
    prefix: str = ""
    is_centred: bool = False
    tuned_from: str = ""

    @property
    def model(self) -> str:
        """Identity of the vectors: the same files give the same vectors."""
        files = "".join(self.sha256[name] for name in (MODEL, TOKENIZER))
        return f"{self.name}@{hashlib.sha256(files.encode()).hexdigest()[:12]}"

    def to_json(self) -> str:
        """Return what `provenance.json` holds."""
        fields = asdict(self) | {"created_at": self.created_at.isoformat()}
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Provenance":
        """Read what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """
        fields = json.loads(text)
        return cls(
            name=str(fields["name"]),
            source=str(fields["source"]),
            revision=str(fields["revision"]),
            weights_sha256=str(fields["weights_sha256"]),
            dimension=int(fields["dimension"]),
            max_tokens=int(fields["max_tokens"]),
            libraries=dict(fields["libraries"]),
            created_at=datetime.fromisoformat(fields["created_at"]),
            parity=Parity(**fields["parity"]),
            sha256={name: str(fields["sha256"][name]) for name in (MODEL, TOKENIZER)},
            prefix=str(fields.get("prefix", "")),
            is_centred=bool(fields.get("is_centred", False)),
            tuned_from=str(fields.get("tuned_from", "")),
        )


def read_provenance(folder: Path) -> Provenance:
    """Return where the model in `folder` comes from, without reading its weights.

    Raises:
        ModelMissing: there is no model.
        ModelDamaged: its provenance cannot be read.
    """
    try:
        return Provenance.from_json((folder / PROVENANCE).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelMissing(f"No model was prepared yet. {_PREPARE}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"The model's {PROVENANCE} cannot be read. {_PREPARE}") from error


def read_verified(folder: Path, name: str, provenance: Provenance) -> bytes:
    """Return a file's bytes, the very ones whose checksum was compared.

    Raises:
        ModelDamaged: the file is absent or another than was prepared.
    """
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelDamaged(f"The model's {name} cannot be read. {_PREPARE}") from error
    if hashlib.sha256(content).hexdigest() != provenance.sha256[name]:
        raise ModelDamaged(f"The model's {name} was altered or is incomplete. {_PREPARE}")
    return content


def verify(folder: Path) -> Provenance:
    """Compare every file with its checksum.

    Raises:
        ModelMissing: there is no model.
        ModelDamaged: a file is not the one that was prepared.
    """
    provenance = read_provenance(folder)
    for name in (MODEL, TOKENIZER):
        read_verified(folder, name, provenance)
    return provenance


def checksums(folder: Path) -> dict[str, str]:
    """Return the checksums that a new provenance holds."""
    return {name: sha256_of(folder / name) for name in (MODEL, TOKENIZER)}


def export_artefact(folder: Path, file: Path) -> Provenance:
    """Write the verified model into one .tar.gz; the same model gives the same bytes."""
    provenance = verify(folder)
    with (
        file.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in LARGEST_BYTES:
            content = (folder / name).read_bytes()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return provenance


def put_instead(fresh: Path, folder: Path, *, before: Path) -> None:
    """Let the verified model in `fresh` serve from `folder`, and keep the one there in `before`.

    A kill leaves the one or the other in place, whole; `fresh` is gone afterwards.
    """
    verify(fresh)
    with folder_beside(before) as copy:
        for name in LARGEST_BYTES:
            shutil.copyfile(folder / name, copy / name)
        verify(copy)
        put_in_place(copy, before)
    exchange_with(fresh, folder)
    shutil.rmtree(fresh, ignore_errors=True)


def exchange_with(other: Path, folder: Path) -> None:
    """Let the model in `other` serve from `folder`; where the system can, they change places."""
    with locked(folder.with_name(f".{folder.name}.lock")):
        put_in_place(other, folder)


def import_artefact(file: Path, folder: Path) -> Provenance:
    """Put the model from a .tar.gz in place of the one in `folder`, all or nothing.

    Nothing in the archive decides where something is written: only the three known
    names are taken, as plain files, up to their largest size.

    Raises:
        ModelMissing: there is no such file.
        ModelDamaged: it is no archive of a whole model, or a checksum differs.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(folder) as fresh:
        try:
            with tarfile.open(file, "r:gz") as archive:
                _unpack(archive, fresh)
        except FileNotFoundError as error:
            raise ModelMissing(f"There is no file {file}. Check the path.") from error
        except (OSError, EOFError, tarfile.TarError, ValueError) as error:
            raise ModelDamaged(
                f"{file.name} is not a prepared model. Make one with `peerqa model export`."
            ) from error
        provenance = verify(fresh)
        put_in_place(fresh, folder)
    return provenance


def _unpack(archive: tarfile.TarFile, fresh: Path) -> None:
    for member in archive:
        if member.name not in LARGEST_BYTES or (fresh / member.name).exists():
            raise ModelDamaged(f"The archive holds {member.name!r}, which is no part of a model.")
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or member.size > LARGEST_BYTES[member.name]:
            raise ModelDamaged(f"The archive's {member.name} is too large or is no plain file.")
        with (fresh / member.name).open("wb") as target:
            while chunk := content.read(CHUNK_BYTES):
                target.write(chunk)
    lacking = [name for name in LARGEST_BYTES if not (fresh / name).exists()]
    if lacking:
        raise ModelDamaged(f"The archive lacks {lacking[0]}. Make one with `peerqa model export`.")
