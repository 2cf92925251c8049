"""Means and deviations that data modules of TerraTorch know, so that configurations do not say them.

From terratorch/datamodules/sen1floods11.py and fire_scars.py of TerraTorch 1.2.11, in reflectance.
"""

from __future__ import annotations

from collections.abc import Sequence

# By data module, then by band: mean and standard deviation.
_SCALINGS = {
    "Sen1Floods11NonGeoDataModule": {
        "B01": (0.16450718, 0.06977374),
        "B02": (0.1412956, 0.07406382),
        "B03": (0.13795798, 0.07370365),
        "B04": (0.12353792, 0.08692279),
        "B05": (0.1481099, 0.07778555),
        "B06": (0.23991728, 0.09105416),
        "B07": (0.28587557, 0.10690993),
        "B08": (0.26345379, 0.10096586),
        "B8A": (0.30902815, 0.11798815),
        "B09": (0.04911151, 0.03380113),
        "B10": (0.00652506, 0.01463465),
        "B11": (0.2044958, 0.09772074),
        "B12": (0.11912015, 0.07659938),
    },
    "FireScarsNonGeoDataModule": {
        "B02": (0.033349706741586264, 0.02269135568823774),
        "B03": (0.05701185520536176, 0.026807560223070237),
        "B04": (0.05889748132001316, 0.04004109844362779),
        "B8A": (0.2323245113436119, 0.07791732423672691),
        "B11": (0.1972854853760658, 0.08708738838140137),
        "B12": (0.11944914225186566, 0.07241979477437814),
    },
}


def own_scaling(module: str, bands: Sequence[str]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means and deviations of bands in a data module of that name; both empty where it is not known."""
    known = _SCALINGS.get(module, {})
    if not bands or not known.keys() >= set(bands):
        return (), ()
    return tuple(known[name][0] for name in bands), tuple(known[name][1] for name in bands)
