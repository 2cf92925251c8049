"""Encoders that take any optical bands, told apart by wavelength, and radar where their cards list it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...bands import DECIBEL, KELVIN, REFLECTANCE, Band, band_of_card
from ...cards import Card
from ...errors import ModelCorrupt
from ..precision import Precision
from .layer_bands import match_bands, require_units
from .patch_encoder import Inputs, PatchEncoder, TokenNetwork, scaling_of

_NANOMETRES = 1000.0


@dataclass(frozen=True)
class ListedBand:
    """A band of a card with what the model's authors know of it.

    Attributes:
        band: which one it is.
        wavelength: the authors' central wavelength in nanometres, 0 if it is not optical.
        width: full width at half maximum in nanometres, 0 if the card does not say.
        mean, std: of the values that the model was trained on, in the band's units.
    """

    band: Band
    wavelength: float
    width: float
    mean: float
    std: float


def listed_bands(card: Card) -> list[ListedBand]:
    """The bands of a card's file, with the wavelengths and widths of its ``bands``."""
    entries = {entry["name"]: entry for entry in card.raw["properties"].get("bands", [])}
    found = []
    for name, (mean, std) in scaling_of(card).items():
        band, entry = band_of_card(name), entries.get(name, {})
        stated = entry.get("eo:center_wavelength", (band.wavelength or 0.0) / _NANOMETRES)
        width = entry.get("eo:full_width_half_max", 0.0)
        found.append(ListedBand(band, stated * _NANOMETRES, width * _NANOMETRES, mean, std))
    return found


class AnyBandEncoder(PatchEncoder):
    """A :class:`PatchEncoder` of all optical bands of a layer within its card's ``geofm:wavelengths``.

    A band is scaled by the statistics that the card lists for it. One that is not listed takes those
    of the nearest wavelength: among the bands of its own sensor if the card lists any, else among
    those of the sensor that the card lists first.

    Attributes:
        listed: the card's bands.
    """

    def __init__(self, card: Card, network: TokenNetwork, device: str, precision: Precision) -> None:
        super().__init__(card, network, device, precision)
        self.listed = listed_bands(card)
        if card.wavelengths is None or not any(known.wavelength for known in self.listed):
            raise ModelCorrupt(
                f"The card of {card.id} lists no optical bands, or no geofm:wavelengths.",
                "Compare it with a card of the plugin's of the same family.",
            )
        self._low, self._high = card.wavelengths
        self._radar = {known.band.name: known.band for known in self.listed if known.band.units == DECIBEL}

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """The optical bands of known wavelength, and radar, by their indices as names."""
        optical = [index for index, band in enumerate(bands) if self._is_optical(band)]
        radar = list(match_bands(bands, self._radar).values())
        require_units([bands[index] for index in optical], REFLECTANCE)
        require_units([bands[index] for index in radar], DECIBEL)
        if not optical and not radar:
            wanted = f"optical bands of known wavelength from {self._low:g} to {self._high:g} nm"
            self.require([f"{wanted}, or {' or '.join(self._radar)}" if self._radar else wanted])
        return {str(index): index for index in sorted(optical + radar)}

    def _is_optical(self, band: Band) -> bool:
        known = band.wavelength is not None and self._low <= band.wavelength <= self._high
        return known and band.units != KELVIN

    def stand_in(self, band: Band, gsd: float) -> ListedBand:
        """The card's band whose statistics serve for a layer's band.

        Args:
            gsd: side of a pixel in metres.
        """
        sensor = self.sensor_of(band, gsd)
        same = [known for known in self.listed if known.band.modality == sensor]
        return min(same, key=lambda known: _apart(known.band, band))

    def sensor_of(self, band: Band, gsd: float) -> str:
        """Which of the card's modalities a layer's band counts as."""
        modalities = [known.band.modality for known in self.listed]
        return band.modality if band.modality in modalities else modalities[0]

    def wavelength(self, band: Band, gsd: float) -> float:
        """Central wavelength in nanometres: the authors' of a band that the card lists, else the band's."""
        known = self.stand_in(band, gsd)
        return known.wavelength if known.band == band else band.wavelength or 0.0

    def scaled(self, inputs: Inputs) -> Tensor:
        """All bands less their means, over their deviations: (batch, bands, rows, cols)."""
        scaled = []
        for name, values in inputs.values.items():
            known = self.stand_in(inputs.bands[name], inputs.scene.gsd)
            scaled.append((values - known.mean) / known.std)
        return torch.stack(scaled, dim=1)

    def by_band(self, inputs: Inputs, radar: Mapping[str, float]) -> Tensor:
        """Wavelength of each band in nanometres (bands,), of radar what the family takes in its place."""
        gsd = inputs.scene.gsd
        numbers = [
            radar[band.name] if band.units == DECIBEL else self.wavelength(band, gsd)
            for band in inputs.bands.values()
        ]
        return torch.tensor(numbers, dtype=torch.float32, device=inputs.device)

    def as_grid(self, tokens: Tensor, inputs: Inputs) -> Tensor:
        """Tokens (batch, 1 + patches, dim), the class token first, as (batch, dim, rows, cols) of patches."""
        values = next(iter(inputs.values.values()))
        rows, cols = (side // self.stride for side in values.shape[1:])
        return tokens[:, 1:].transpose(1, 2).reshape(len(tokens), -1, rows, cols)


def _apart(one: Band, other: Band) -> tuple[bool, float]:
    """How unlike two bands of a sensor are; radar has no wavelength, but names."""
    return one.name != other.name and one.wavelength is None, abs(
        (one.wavelength or 0.0) - (other.wavelength or 0.0)
    )
