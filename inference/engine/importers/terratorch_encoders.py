"""TerraTorch's encoders by their names, and what its configurations say of them.

Names, wavelengths and the order of layers are those of terratorch/models/backbones of TerraTorch 1.2.11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UnsupportedInput

# TerraTorch's names of encoders, and the plugin's cards of the same. Another family is a line here and one in
# FAMILIES.
BACKBONES = {
    "prithvi_eo_v1_100": "prithvi-eo-1.0-100m",
    "prithvi_vit_100": "prithvi-eo-1.0-100m",
    "prithvi_eo_v2_tiny_tl": "prithvi-eo-2.0-tiny-tl",
    "prithvi_eo_v2_100_tl": "prithvi-eo-2.0-100m-tl",
    "prithvi_eo_v2_300": "prithvi-eo-2.0-300m",
    "prithvi_eo_v2_300_tl": "prithvi-eo-2.0-300m-tl",
    "prithvi_eo_v2_600": "prithvi-eo-2.0-600m",
    "prithvi_eo_v2_600_tl": "prithvi-eo-2.0-600m-tl",
    "terramind_v1_tiny": "terramind-1.0-tiny",
    "terramind_v1_small": "terramind-1.0-small",
    "terramind_v1_base": "terramind-1.0-base",
    "terramind_v1_large": "terramind-1.0-large",
    "dofa_base_patch16_224": "dofa-base",
    "dofa_large_patch16_224": "dofa-large",
    "satlas_swin_t_sentinel2_mi_ms": "satlas-sentinel2-swint-mi-ms",
    "satlas_swin_t_sentinel2_mi_rgb": "satlas-sentinel2-swint-mi-rgb",
    "satlas_swin_t_sentinel2_si_ms": "satlas-sentinel2-swint-si-ms",
    "satlas_swin_t_sentinel2_si_rgb": "satlas-sentinel2-swint-si-rgb",
    "satlas_swin_b_sentinel2_mi_ms": "satlas-sentinel2-swinb-mi-ms",
    "satlas_swin_b_sentinel2_mi_rgb": "satlas-sentinel2-swinb-mi-rgb",
    "satlas_swin_b_sentinel2_si_ms": "satlas-sentinel2-swinb-si-ms",
    "satlas_swin_b_sentinel2_si_rgb": "satlas-sentinel2-swinb-si-rgb",
    "satlas_swin_b_naip_mi_rgb": "satlas-aerial-swinb-mi",
    "satlas_swin_b_naip_si_rgb": "satlas-aerial-swinb-si",
    "satlas_swin_b_landsat_mi_ms": "satlas-landsat-swinb-mi",
    # Its name notwithstanding, it begins with the weights of single images, of any bands.
    "satlas_swin_b_landsat_mi_rgb": "satlas-landsat-swinb-si",
    "satlas_swin_b_sentinel1_mi": "satlas-sentinel1-swinb-mi",
    "satlas_swin_b_sentinel1_si": "satlas-sentinel1-swinb-si",
}
# The encoders' sizes by TerraTorch's names of them.
SIZES = {
    "img_size": "image_size",
    "embed_dim": "embedding_size",
    "depth": "depth",
    "num_heads": "num_heads",
    "mlp_ratio": "mlp_ratio",
    "patch_size": "patch_size",
}
# What matters to a training alone, or is read elsewhere.
BACKBONE_ASIDE = {"pretrained", "ckpt_path", "drop_path", "bands", "in_chans", "num_frames"} | {
    "coords_encoding",
    "coords_scale_learn",
    "pretrained_bands",
    "modalities",
    "merge_method",
    "out_indices",
    "drop_path_rate",
    "modality_drop_rate",
}
# Nanometres that TerraTorch gives DOFA for its names of bands; they are not always those of the bands.
_DOFA_WAVES = {
    "COASTAL_AEROSOL": 440.0,
    "BLUE": 490.0,
    "GREEN": 560.0,
    "RED": 665.0,
    "RED_EDGE_1": 705.0,
    "RED_EDGE_2": 740.0,
    "RED_EDGE_3": 783.0,
    "NIR_BROAD": 832.0,
    "NIR_NARROW": 864.0,
    "WATER_VAPOR": 945.0,
    "CIRRUS": 1373.0,
    "SWIR_1": 1610.0,
    "SWIR_2": 2200.0,
    "THERMAL_INFRARED_1": 10900.0,
    "THERMAL_INFRARED_12": 12000.0,
    **dict.fromkeys(("VV", "VH", "ASC_VV", "ASC_VH", "DSC_VV", "DSC_VH", "VV-VH"), 5405.0),
}


@dataclass(frozen=True)
class Habits:
    """What configurations of a family say in a way of their own.

    Attributes:
        aside: arguments of the encoder that matter to a training alone, or are read elsewhere.
        waves: nanometres by names in ``model_bands``, for encoders that are told them.
        ascending: whether layers come in the network's order, whatever the order of ``out_indices``, and only
            the last where there are none; else all layers then.
        fixed: whether it takes images of one side alone.
        depth: layers that it can give, 0 for as many as its card's ``depth`` says.
        stride: pixels that sides of images are multiples of, 0 for two patches.
        architecture: for the card.
    """

    aside: frozenset[str] = frozenset()
    waves: Mapping[str, float] | None = None
    ascending: bool = False
    fixed: bool = False
    depth: int = 0
    stride: int = 0
    architecture: str = "Vision Transformer"


_PLAIN = Habits()
_HABITS = {
    "dofa": Habits(
        frozenset({"model_bands", "ckpt_data", "weights", "pos_interpolation_mode", "input_size"})
        | {"drop_rate", "global_pool", "num_classes"},
        _DOFA_WAVES,
        ascending=True,
        fixed=True,
    ),
    # Patches, then four stages with a merging of neighbours between them.
    "satlas": Habits(
        frozenset({"model_bands", "ckpt_data", "weights", "dropout", "attention_dropout", "num_classes"}),
        ascending=True,
        depth=8,
        stride=32,
        architecture="Swin Transformer V2",
    ),
}


def habits_of(family: str) -> Habits:
    """Those of a card's family."""
    return _HABITS.get(family, _PLAIN)


def layers_of(habits: Habits, stated: Sequence[int] | None, depth: int) -> list[int]:
    """Which layers an encoder of ``depth`` gives for its ``out_indices``, in their order; empty for all.

    Raises:
        UnsupportedInput: if TerraTorch gives other layers than those that are stated.
    """
    if not habits.ascending:
        return list(stated or ())
    wanted = list(stated or (-1,))
    found = [i for i in range(depth) if i in wanted or (i == depth - 1 and -1 in wanted)]
    if len(found) != len(wanted):
        raise UnsupportedInput(
            f"The configuration's out_indices are {wanted}, which are no layers of this encoder.",
            f"It has layers 0 to {depth - 1}; of those counted from the end, -1 alone can be given.",
        )
    return found


def waves_of(habits: Habits, backbone: Mapping[str, Any]) -> list[float]:
    """Nanometres of the bands in ``model_bands``; empty for families that are not told any.

    Raises:
        UnsupportedInput: naming a band that TerraTorch has no wavelength of.
    """
    if habits.waves is None:
        return []
    names = backbone.get("model_bands")
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise UnsupportedInput(
            "The configuration gives this encoder no model_bands.",
            "They tell it the wavelengths of its bands.",
        )
    plain = [str(name).rpartition(".")[-1] for name in names]
    for name in plain:
        if name not in habits.waves:
            raise UnsupportedInput(
                f"The configuration's model_bands have {name}, whose wavelength is not known.",
                f"Known are: {', '.join(habits.waves)}.",
            )
    return [habits.waves[name] for name in plain]
