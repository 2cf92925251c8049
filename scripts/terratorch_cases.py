"""Makes tests/engine/trained/terratorch_cases.npz: what TerraTorch answers with networks of its decoders.

usage: terratorch_cases.py FILE   (run where TerraTorch is installed; last with 1.2.11, torch 2.13.0,
segmentation-models-pytorch 0.6.0, timm 1.0.31, models/dofa.py of torchgeo 0.8.1 and
models/swin_transformer.py of torchvision 0.29.2)

Weights are no part of the file: both sides fill every tensor with numbers that its name decides on.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 64
# Every third pixel of the answers is kept.
STEP = 3
PYRAMID = [
    {"name": "SelectIndices", "indices": [0, 1, 2, 3]},
    {"name": "ReshapeTokensToImage"},
    {"name": "LearnedInterpolateToPyramidal"},
]
BACKBONE = {
    "backbone": "prithvi_eo_v2_300_tl",
    "backbone_pretrained": False,
    "backbone_bands": ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"],
    "backbone_img_size": SIDE,
    "backbone_embed_dim": 32,
    "backbone_depth": 4,
    "backbone_num_heads": 2,
}
# Bands of the windows by sensor, where a network takes several.
SENSORS = {"S2L2A": 4, "S1GRD": 2}
SEGMENTER = {**BACKBONE, "num_classes": 3}
# By name: the task and the model_args of a configuration.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": (
        "segmentation",
        {
            **SEGMENTER,
            "necks": PYRAMID[:2],
            "decoder": "LinearDecoder",
            "decoder_upsampling_size": 16,
            "decoder_num_classes": 5,
        },
    ),
    "identity": ("segmentation", {**SEGMENTER, "decoder": "IdentityDecoder", "head_dropout": 0.1}),
    "fcn": (
        "segmentation",
        {
            **SEGMENTER,
            "decoder": "FCNDecoder",
            "decoder_channels": 8,
            "decoder_num_convs": 3,
            "head_channel_list": [8],
        },
    ),
    "upernet": (
        "segmentation",
        {**SEGMENTER, "necks": PYRAMID, "decoder": "UperNetDecoder", "decoder_channels": 8},
    ),
    "upernet_scaled": (
        "segmentation",
        {
            **SEGMENTER,
            "necks": PYRAMID[:2],
            "decoder": "UperNetDecoder",
            "decoder_channels": 8,
            "decoder_scale_modules": True,
        },
    ),
    "unet": (
        "segmentation",
        {**SEGMENTER, "necks": PYRAMID, "decoder": "UNetDecoder", "decoder_channels": [32, 16, 8, 8]},
    ),
    "unet_interpolated": (
        "segmentation",
        {
            **SEGMENTER,
            "necks": [*PYRAMID[:2], {"name": "InterpolateToPyramidal"}],
            "decoder": "UNetDecoder",
            "decoder_channels": [16, 16, 8, 8],
            "decoder_use_batchnorm": False,
        },
    ),
    "regression": (
        "regression",
        {
            **BACKBONE,
            "num_outputs": 2,
            "necks": PYRAMID,
            "decoder": "UperNetDecoder",
            "decoder_channels": 8,
            "head_channel_list": [8],
            "head_learned_upscale_layers": 1,
            "head_final_act": "torch.nn.ReLU",
        },
    ),
    "two_sensors": (
        "segmentation",
        {
            "backbone": "terramind_v1_tiny",
            "backbone_pretrained": False,
            "backbone_img_size": SIDE,
            "backbone_modalities": list(SENSORS),
            "backbone_bands": {"S2L2A": ["BLUE", "GREEN", "RED", "NIR_BROAD"]},
            "num_classes": 3,
            "necks": [{"name": "SelectIndices", "indices": [2, 5, 8, 11]}, *PYRAMID[1:]],
            "decoder": "UperNetDecoder",
            "decoder_channels": 8,
        },
    ),
}


DOFA = {
    **{key: value for key, value in SEGMENTER.items() if key != "backbone_bands"},
    "backbone": "dofa_base_patch16_224",
    "backbone_model_bands": ["BLUE", "GREEN", "RED", "NIR_BROAD", "SWIR_2", "VV"],
}
CASES["dofa"] = (
    "segmentation",
    {
        **DOFA,
        "backbone_out_indices": [0, 1, 2, 3],
        "necks": PYRAMID[1:],
        "decoder": "UperNetDecoder",
        "decoder_channels": 8,
    },
)
# Two of the layers, in an order that the encoder does not keep.
CASES["dofa_two_layers"] = (
    "segmentation",
    {
        **DOFA,
        "backbone_out_indices": [-1, 1],
        "necks": PYRAMID[1:2],
        "decoder": "IdentityDecoder",
        "decoder_out_index": 0,
    },
)
SATLAS = {
    "backbone": "satlas_swin_t_sentinel2_si_ms",
    "backbone_pretrained": False,
    "backbone_model_bands": ["BLUE", "GREEN", "RED", "NIR_BROAD", "SWIR_1", "SWIR_2"],
    "num_classes": 3,
    "necks": [{"name": "PermuteDims", "new_order": [0, 3, 1, 2]}],
}
# The smallest Swin transformer of four stages, in place of torchvision's.
SWIN = {"embed_dim": 16, "num_heads": 1, "stage_3_depth": 2}
CASES["satlas"] = (
    "segmentation",
    {
        **SATLAS,
        "backbone_out_indices": [1, 3, 5, 7],
        "decoder": "UperNetDecoder",
        "decoder_channels": 8,
    },
)
# A merging's features and the last stage's.
CASES["satlas_merged"] = (
    "segmentation",
    {**SATLAS, "backbone_out_indices": [-1, 2], "decoder": "IdentityDecoder", "decoder_out_index": 0},
)
# Cases whose encoders are told of dates and places.
TOLD = ("linear", "identity", "fcn", "upernet", "upernet_scaled", "unet", "unet_interpolated", "regression")


def weights(shapes: Mapping[str, Sequence[int]]) -> dict[str, NDArray[np.float32]]:
    """Tensors by name: variances above zero, scales around one, kernels that neither grow nor shrink much."""
    return {name: _numbers(name, shape) for name, shape in shapes.items()}


def _numbers(name: str, shape: Sequence[int]) -> NDArray[np.float32]:
    chance = np.random.default_rng(zlib.crc32(name.encode())).normal(size=tuple(shape))
    if name.endswith("running_var"):
        made = 1 + np.abs(chance)
    elif len(shape) > 1:
        made = chance * np.sqrt(1.4 / np.prod(shape[1:]))
    else:
        made = 0.1 * chance + name.endswith(("weight", "scale"))
    return made.astype(np.float32)


def windows() -> NDArray[np.float32]:
    """(2, 6, SIDE, SIDE) standardised pixels."""
    return np.random.default_rng(0).normal(size=(2, 6, SIDE, SIDE)).astype(np.float32)


def coordinates() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Year and day, (2, 1, 2), and latitude and longitude, (2, 2), of the windows."""
    return np.tile(np.float32([[[2021, 14]]]), (2, 1, 1)), np.tile(np.float32([[45.07, 7.69]]), (2, 1))


def main(path: Path) -> None:
    import torch
    from terratorch.models.backbones import dofa_vit, torchgeo_swin_satlas
    from terratorch.models.encoder_decoder_factory import EncoderDecoderFactory
    from torchvision.models import swin_transformer

    torch.set_float32_matmul_precision("highest")
    # The sizes of its own that torchgeo insists on are too large for a test.
    dofa_vit.dofa.dofa_base_patch16_224 = dofa_vit.dofa.DOFA
    torchgeo_swin_satlas.swin_v2_t_meta["embed_dim"] = SWIN["embed_dim"]
    torchgeo_swin_satlas.swin_v2_t = lambda: swin_transformer.SwinTransformer(
        patch_size=[4, 4],
        embed_dim=SWIN["embed_dim"],
        depths=[2, 2, SWIN["stage_3_depth"], 2],
        num_heads=[SWIN["num_heads"] * 2**stage for stage in range(4)],
        window_size=[8, 8],
        block=swin_transformer.SwinTransformerBlockV2,
        downsample_layer=swin_transformer.PatchMergingV2,
    )
    found: dict[str, Any] = {}
    shapes = {}
    for name, (task, arguments) in CASES.items():
        model = EncoderDecoderFactory().build_model(task, **json.loads(json.dumps(arguments))).eval()
        state = model.state_dict()
        # Positions of Prithvi and Swin are computed, and counts of batches count.
        kept = {
            key: list(value.shape)
            for key, value in state.items()
            if key != "encoder.pos_embed"
            and not key.endswith("relative_coords_table")
            and value.is_floating_point()
        }
        made = {key: torch.from_numpy(value) for key, value in weights(kept).items()}
        model.load_state_dict({**state, **made}, strict=True)
        dates, places = map(torch.from_numpy, coordinates())
        with torch.inference_mode():
            given: Any = torch.from_numpy(windows())
            if name == "two_sensors":
                given = dict(zip(SENSORS, given.split(list(SENSORS.values()), dim=1), strict=True))
            found[name] = model(given).output[..., ::STEP, ::STEP].numpy()
            if name in TOLD:
                answer = model(given, temporal_coords=dates, location_coords=places).output
                found[f"{name}__scene"] = answer[..., ::STEP, ::STEP].numpy()
        shapes[name] = {key: list(value.shape) for key, value in state.items()}
    text = json.dumps(shapes, separators=(",", ":"))
    np.savez_compressed(path, shapes=np.frombuffer(text.encode(), np.uint8), **found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
