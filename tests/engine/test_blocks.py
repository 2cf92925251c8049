"""The parts that the model families share."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from geofm.inference.engine.backbones.blocks import SelfAttention, read_weights
from geofm.inference.errors import ModelCorrupt


def test_attention_with_keys_ignored_is_attention_without_them():
    torch.manual_seed(0)
    attention = SelfAttention(16, 4)
    x = torch.randn(1, 9, 16)
    seen = torch.tensor([[True, False, True, True, False, True, True, True, False]])
    with torch.inference_mode():
        masked = attention(x, seen)[seen]
        removed = attention(x[seen][None], None)[0]
    np.testing.assert_allclose(masked, removed, atol=1e-6)


class Trap:
    """Unpickling this runs a command, which a weights file must never do."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("kind", ["trap", "noise", "empty", "nested", "cut"])
def test_files_that_are_no_weights_are_refused_and_run_nothing(tmp_path, kind, suffix):
    marker = tmp_path / "ran"
    path = tmp_path / f"encoder{suffix}"
    if kind == "trap":
        path.write_bytes(pickle.dumps({"norm.bias": Trap(marker)}))
    elif kind == "nested":
        torch.save({"model": {"norm.bias": torch.zeros(1)}}, path)
    else:
        whole = io.BytesIO()
        torch.save({"norm.bias": torch.zeros(9999)}, whole)
        content = {"noise": b"\x93NUMPY" * 99, "empty": b"", "cut": whole.getvalue()[:-999]}
        path.write_bytes(content[kind])
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_weights(path)
    assert not marker.exists()
