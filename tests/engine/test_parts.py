"""The parts that the model families share."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from geofm.inference.engine.parts.attention import SelfAttention
from geofm.inference.engine.parts.codes import grid_code, resize_table
from geofm.inference.engine.parts.patch_encoder import fill_gaps
from geofm.inference.engine.parts.weights import read_weights
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
@pytest.mark.parametrize("kind", ["trap", "noise", "empty", "more", "cut"])
def test_files_that_are_no_weights_are_refused_and_run_nothing(tmp_path, kind, suffix):
    marker = tmp_path / "ran"
    path = tmp_path / f"encoder{suffix}"
    if kind == "trap":
        path.write_bytes(pickle.dumps({"norm.bias": Trap(marker)}))
    elif kind == "more":
        torch.save({"norm.bias": torch.zeros(1), "epoch": 7}, path)
    else:
        whole = io.BytesIO()
        torch.save({"norm.bias": torch.zeros(9999)}, whole)
        content = {"noise": b"\x93NUMPY" * 99, "empty": b"", "cut": whole.getvalue()[:-999]}
        path.write_bytes(content[kind])
    with pytest.raises(ModelCorrupt, match="cannot be read|holds code"):
        read_weights(path)
    assert not marker.exists()


def test_weights_are_found_beside_a_training_programs_own_state(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"epoch": 7, "state_dict": {"norm.bias": torch.ones(1)}}, path)
    assert list(read_weights(path, "state_dict")) == ["norm.bias"]
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_weights(path)


def test_mappings_of_mappings_have_names_with_dots(tmp_path):
    path = tmp_path / "parts.pt"
    torch.save({"radar": {"norm.bias": torch.ones(1)}, "optical": {"norm.bias": torch.zeros(1)}}, path)
    assert list(read_weights(path)) == ["radar.norm.bias", "optical.norm.bias"]


def test_gaps_take_the_mean_of_their_patch_else_of_their_window():
    values = torch.tensor([[[1.0, 3.0, 9.0, 9.0], [99.0, 99.0, 9.0, 9.0]]])
    valid = torch.tensor([[[True, True, False, False], [False, False, False, False]]])
    filled = fill_gaps(values, valid, 2)
    assert filled.tolist() == [[[1.0, 3.0, 2.0, 2.0], [2.0, 2.0, 2.0, 2.0]]]
    values[0, :, 2:] = 8.0
    valid[0, 0, 3] = True
    # The patch on the right has its own mean now, that on the left another.
    assert fill_gaps(values, valid, 2).tolist() == [[[1.0, 3.0, 8.0, 8.0], [2.0, 2.0, 8.0, 8.0]]]


def test_the_grid_code_is_that_of_masked_autoencoders():
    code = grid_code(torch.arange(2), torch.arange(3), 8)
    assert code.shape == (2, 3, 8)
    step = 10000.0**-0.5
    x, y = 2.0, 1.0
    expected = [np.sin(x), np.sin(x * step), np.cos(x), np.cos(x * step)]
    expected += [np.sin(y), np.sin(y * step), np.cos(y), np.cos(y * step)]
    np.testing.assert_allclose(code[1, 2], expected, atol=1e-7)


@pytest.mark.parametrize("mode", ["nearest", "bicubic"])
def test_a_table_of_positions_keeps_its_order_when_resized(mode):
    table = torch.arange(4.0).reshape(1, 4, 1)
    assert resize_table(table, 2, 2, mode=mode) is table
    larger = resize_table(table, 4, 6, mode=mode).reshape(4, 6)
    assert (larger.diff(dim=0) >= 0).all()
    assert (larger.diff(dim=1) >= 0).all()
    assert larger[0, 0] < larger[0, -1] < larger[-1, 0] < larger[-1, -1]
