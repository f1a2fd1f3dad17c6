"""A web process must never pay for torch: seconds, and half a gigabyte."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = sorted(path.stem for path in (ROOT / "indexer").glob("*.py") if path.stem != "prepare")
HEAVY = "torch transformers sentence_transformers onnx sklearn scipy pandas"
APPLICATION = "peerqa lti flask sqlalchemy"


def loaded_after(imports: str, names: str) -> str:
    program = f"import sys; {imports}; print([n for n in {names!r}.split() if n in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_what_serves_imports_neither_torch_nor_the_application():
    imports = "; ".join(f"import indexer.{name}" for name in SERVING)

    assert loaded_after(imports, f"{HEAVY} {APPLICATION}") == "[]"


def test_even_the_preparation_imports_torch_only_when_it_is_called():
    assert loaded_after("import indexer.prepare", HEAVY) == "[]"


@pytest.mark.model
def test_an_opened_encoder_runs_without_torch(model_folder):
    imports = (
        "from pathlib import Path; from indexer.encoder import OnnxEncoder; "
        f"OnnxEncoder.open(Path({str(model_folder)!r})).encode(['a', 'b'])"
    )

    assert loaded_after(imports, HEAVY) == "[]"
