"""A web process must never pay for torch: seconds, and half a gigabyte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = sorted(path.stem for path in (ROOT / "indexer").glob("*.py") if path.stem != "prepare")
HEAVY = "torch transformers sentence_transformers onnx sklearn scipy pandas"
APPLICATION = "peerqa lti flask sqlalchemy"
OF_BUILD_MACHINES = {"CI", "TF_BUILD", "GITHUB_ACTIONS"}  # there it would be quiet by itself


def loaded_after(imports: str, names: str) -> str:
    program = f"import sys; {imports}; print([n for n in {names!r}.split() if n in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_what_serves_imports_neither_torch_nor_the_application():
    imports = "; ".join(f"import indexer.{name}" for name in SERVING)

    assert loaded_after(imports, f"{HEAVY} {APPLICATION}") == "[]"


def test_even_the_preparation_imports_torch_only_when_it_is_called():
    assert loaded_after("import indexer.prepare, indexer.fine_tuning", HEAVY) == "[]"


@pytest.mark.model
def test_an_opened_encoder_runs_without_torch(model_folder):
    imports = (
        "from pathlib import Path; from indexer.encoder import OnnxEncoder; "
        f"OnnxEncoder.open(Path({str(model_folder)!r})).encode(['a', 'b'])"
    )

    assert loaded_after(imports, HEAVY) == "[]"


@pytest.mark.model
def test_the_library_that_runs_the_model_keeps_nothing_to_report(model_folder, tmp_path):
    """Its client opens a store in the home folder before it looks for its host."""
    program = (
        "from pathlib import Path; from indexer.encoder import OnnxEncoder; "
        f"OnnxEncoder.open(Path({str(model_folder)!r})).encode(['a', 'b'])"
    )
    quiet = {name: value for name, value in os.environ.items() if name not in OF_BUILD_MACHINES}
    subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True,
        env=quiet | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip

    assert list(tmp_path.rglob("*onnxruntime*")) == []
