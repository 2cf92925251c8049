"""Which model a layer is advised, for the layers that people have."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import places
from geofm.inference.bands import CLASSES, PRESETS, Band, band_at, identify
from geofm.inference.cards import Card, load_card
from geofm.inference.jobs import Task
from geofm.inference.recommend import LayerFacts, Recommendation, recommend

FIRST_FOUR = ("galileo-nano", "spectral-texture", "ukis-csmask", "ukis-csmask-l1c")
GB = 10**9
MakeCard = Callable[..., Card]


@pytest.fixture
def four() -> list[Card]:
    """The cards of the first version, so that further ones do not change what these tests say."""
    return [load_card(places.bundled_models() / f"{name}.json") for name in FIRST_FOUR]


@pytest.fixture
def make_card(tmp_path: Path) -> MakeCard:
    """``make_card(id, bands, **fields)``: an encoder that knows those bands; fields without ``geofm:``."""

    def make(name: str, bands: tuple[str, ...], params: int = 10**7, **fields: Any) -> Card:
        raw = json.loads((places.bundled_models() / "galileo-nano.json").read_text(encoding="utf-8"))
        props = raw["properties"]
        for field in ("geofm:evidence", "geofm:min_bands", "geofm:gsd", "geofm:inputs", "gsd"):
            del props[field]
        props["mlm:input"] = [{**copy.deepcopy(props["mlm:input"][0]), "bands": list(bands)}]
        props["mlm:total_parameters"] = params
        raw["id"] = name
        raw["assets"]["encoder"].update(bands=[], **{"geofm:mean": [], "geofm:std": []})
        for field, value in fields.items():
            props["gsd" if field == "best_gsd" else f"geofm:{field}"] = value
        (tmp_path / f"{name}.json").write_text(json.dumps(raw), encoding="utf-8")
        return load_card(tmp_path / f"{name}.json")

    return make


def layer(preset: str) -> tuple[Band, ...]:
    names = PRESETS[preset]
    return identify("layer.tif", [""] * len(names), mapping=names)


def advised(
    cards: list[Card], bands: tuple[Band, ...], gsd: float | None, task: Task = Task.TRAIN, **more: Any
) -> list[Recommendation]:
    return recommend(LayerFacts(bands, gsd, "uint16", more.pop("dates", ())), task, cards, **more)


# --- what is advised for usual layers ---------------------------------------------------------


def test_sentinel2_is_advised_galileo(four: list[Card]) -> None:
    ten = tuple(b for b in layer("sentinel2-l2a") if b.name not in ("B01", "B09"))
    first, second = advised(four, ten, 10.0)
    assert first.card.id == "galileo-nano"
    assert first.reason == "Knows all 10 Sentinel-2 bands of this layer and its 10 m pixels."
    assert (second.card.id, second.fits) == ("spectral-texture", True)
    assert first.score > second.score
    twelve = advised(four, layer("sentinel2-l2a"), 10.0)[0]
    assert twelve.reason == "Knows 10 of this layer's 12 bands and its 10 m pixels."


@pytest.mark.parametrize("preset", ["sentinel2-l2a", "sentinel2-l1c", "sentinel2-10m"])
@pytest.mark.parametrize("ready", [True, False])
def test_of_all_models_galileo_nano_stays_the_first_for_sentinel2(preset: str, ready: bool) -> None:
    """Whatever cards there are: until the maps of another model's published weights were judged, too."""
    cards = [load_card(path) for path in sorted(places.bundled_models().glob("*.json"))]
    judged = [card.id for card in cards if card.evidence == "measured"]
    assert judged == ["galileo-nano", "spectral-texture"]
    found = advised(cards, layer(preset), 10.0, memory=8 * GB, ready=lambda card: ready)
    assert found[0].card.id == "galileo-nano"


def test_landsat_is_advised_galileo_with_the_bands_it_shares(four: list[Card]) -> None:
    first = advised(four, layer("landsat-etm"), 30.0)[0]
    assert first.card.id == "galileo-nano"
    assert first.reason == "Knows all 6 Landsat bands of this layer and its 30 m pixels."
    assert first.score < advised(four, layer("sentinel2-l2a"), 10.0)[0].score
    eight = advised(four, layer("landsat-oli"), 30.0)[0]
    assert (eight.card.id, eight.reason) == (
        "galileo-nano", "Knows 6 of this layer's 7 bands and its 30 m pixels."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bands", "gsd", "reason"),
    [
        (identify("x.tif", ["", "", ""]), 10.0, "Needs blue, green, red and near infrared, which"),
        (layer("rgb"), 10.0, "Needs near infrared, which this layer does not say it has."),
        (layer("rgbn"), 0.3, "Made for pixels of 5 to 40 m; this layer's are 0.3 m."),
        (layer("sentinel1"), 10.0, "Needs blue, green, red and near infrared, which"),
        (identify("dem.tif", ["elevation"]), 30.0, "Needs blue, green, red and near infrared, which"),
        (
            tuple(Band(b.name, b.common, b.wavelength, b.modality, "", True) for b in layer("sentinel2-l2a")),
            10.0,
            "Needs reflectance, and this layer holds other numbers",
        ),
    ],
)
def test_what_does_not_fit_comes_last_and_says_why(
    four: list[Card], bands: tuple[Band, ...], gsd: float, reason: str
) -> None:
    first, last = advised(four, bands, gsd)
    assert (first.card.id, first.fits) == ("spectral-texture", True)
    assert (last.card.id, last.fits, last.score) == ("galileo-nano", False, 0.0)
    assert last.reason.startswith(reason)
    assert last.reason.endswith(".")


def test_unknown_bands_and_unknown_pixels_still_get_an_answer(four: list[Card]) -> None:
    unknown = advised(four, identify("photo.tif", ["", "", ""]), None)[0]
    assert unknown.reason == "Works on any raster; the layer's bands are not identified."
    assert advised(four, layer("rgbn"), None)[0].card.id == "galileo-nano"
    assert advised(four, (), None)[0].card.id == "spectral-texture"


def test_the_cloud_mask_follows_the_processing_level(four: list[Card]) -> None:
    surface = advised(four, layer("sentinel2-l2a"), 20.0, Task.SEGMENT)
    assert [item.card.id for item in surface] == ["ukis-csmask", "ukis-csmask-l1c"]
    assert surface[0].reason.endswith("; made for surface reflectance.")
    toa = advised(four, layer("sentinel2-l1c"), 20.0, Task.SEGMENT)
    assert [item.card.id for item in toa] == ["ukis-csmask-l1c", "ukis-csmask"]


def test_a_task_names_only_its_own_models(four: list[Card]) -> None:
    for task in Task:
        named = {item.card.id for item in recommend(LayerFacts((), None), task.value, four)}
        assert named == {card.id for card in four if task.value in card.tasks}
    assert {item.card.id for item in recommend(LayerFacts((), None), None, four)} == set(FIRST_FOUR)


def test_bands_of_classes_are_not_counted_as_used(four: list[Card]) -> None:
    stack = (*layer("landsat-etm"), Band("Fmask", units=CLASSES))
    texture = advised(four, stack, 30.0)[1]
    assert texture.reason == (
        "Works on any raster, without a download; "
        "it uses 6 of this layer's 7 bands (the other holds classes)."
    )
    whole = advised(four, layer("landsat-etm"), 30.0)[1]
    assert whole.reason == "Works on any raster, without a download; it uses all 6 bands of this layer."
    one = advised(four, (layer("landsat-etm")[0],), 30.0)[0]
    assert one.reason.endswith("it uses the one band of this layer.")
    classes = advised(four, (Band("Fmask", units=CLASSES, known=True),), 30.0)
    assert not any(item.fits for item in classes)
    assert classes[0].reason == "The layer has only class or quality bands, nothing that was measured."


# --- models of other kinds --------------------------------------------------------------------


def test_a_spectrometer_is_advised_a_model_that_takes_bands_by_wavelength(
    four: list[Card], make_card: MakeCard
) -> None:
    bands = tuple(band_at(400.0 + 10.0 * number) for number in range(200))
    any_optical = make_card("by-wavelength", (), wavelengths=[400, 2500])
    first, second, *_ = advised([*four, any_optical], bands, 30.0)
    assert first.card is any_optical
    assert first.reason == "Takes all 200 bands of this layer by wavelength."
    assert second.card.id == "galileo-nano"
    unknown = advised([any_optical], identify("x.tif", ["", ""]), 30.0)[0]
    assert unknown.reason == (
        "Needs bands of known wavelengths between 400 and 2500 nm, which this layer does not say it has."
    )
    ten = advised([*four, any_optical], layer("sentinel2-10m"), 10.0)[0]
    assert ten.card.id == "galileo-nano"


def test_radar_with_optical_is_judged_by_both(make_card: MakeCard) -> None:
    both = make_card("both", ("B02", "B03", "VV", "VH"), min_bands=["B02", "VV", "VH"])
    optical, radar = layer("sentinel2-10m"), layer("sentinel1")
    assert advised([both], optical + radar, 10.0)[0].reason == "Knows 4 of this layer's 6 bands."
    lacking = advised([both], optical, 10.0)[0]
    assert (lacking.fits, lacking.reason) == (
        False, "Needs VV and VH, which this layer does not say it has: add a radar layer."
    )  # fmt: skip
    lacking = advised([both], radar, 10.0)[0]
    assert lacking.reason == "Needs blue, which this layer does not say it has: add an optical layer."
    linear = tuple(Band(b.name, b.common, None, b.modality, "", True) for b in radar)
    wrong = advised([both], optical + linear, 10.0)[0]
    assert wrong.reason == "Needs radar backscatter in decibels, and this layer holds other numbers."


def test_a_model_of_many_sensors_takes_any_of_them_but_not_none(make_card: MakeCard) -> None:
    either = make_card("either", ("B02", "B03", "B04", "VV", "VH"))
    radar = advised([either], layer("sentinel1"), 10.0)[0]
    assert radar.reason == "Knows both Sentinel-1 bands of this layer."
    none = advised([either], identify("dem.tif", ["elevation"]), 30.0)[0]
    assert not none.fits
    assert none.reason == "Needs some of blue, green, red, VV and VH, which this layer does not say it has."
    many = make_card("many", (*PRESETS["sentinel2-l2a"], "VV", "VH"))
    assert advised([many], identify("x.tif", [""]), 10.0)[0].reason == (
        "Needs some of Sentinel-2 (12) or Sentinel-1 (2), which this layer does not say it has."
    )


def test_radar_has_no_processing_level(make_card: MakeCard) -> None:
    card = make_card("toa", ("B02", "VV", "VH"), level="toa")
    plain = make_card("plain", ("B02", "VV", "VH"))
    radar, other = advised([card, plain], layer("sentinel1"), 10.0)
    assert radar.reason == other.reason == "Knows both Sentinel-1 bands of this layer."
    assert radar.score == other.score
    assert advised([card], layer("sentinel2-10m"), 10.0)[0].reason.endswith(
        "; made for top-of-atmosphere reflectance."
    )


def test_an_input_that_is_taken_whole_or_not_at_all_is_counted_so(make_card: MakeCard) -> None:
    optical, radar = ("B02", "B03", "B04", "B08", "B11", "B12"), ("VV", "VH")
    card = make_card("whole", optical, whole_inputs=True)
    raw = json.loads(card.path.read_text(encoding="utf-8"))
    raw["properties"]["mlm:input"].append({**raw["properties"]["mlm:input"][0], "bands": list(radar)})
    card.path.write_text(json.dumps(raw), encoding="utf-8")
    card = load_card(card.path)
    ten, sar = layer("sentinel2-10m"), layer("sentinel1")
    lacking = advised([card], ten, 10.0)[0]
    assert (lacking.fits, lacking.reason) == (
        False,
        "Needs short-wave infrared (1.6 µm) and short-wave infrared (2.2 µm), which this layer does not say "
        "it has.",
    )
    nothing = advised([card], identify("x.tif", [""]), 10.0)[0]
    assert nothing.reason == (
        "Needs all of Sentinel-2 (6) or Sentinel-1 (2), which this layer does not say it has."
    )
    assert advised([card], sar, 10.0)[0].reason == "Knows both Sentinel-1 bands of this layer."
    both = advised([card], ten + sar, 10.0)[0]
    assert both.reason == "Knows 2 of this layer's 6 bands."
    all_of_both = advised([card], layer("sentinel2-l2a") + sar, 10.0)[0]
    assert all_of_both.reason == "Knows 8 of this layer's 14 bands."
    many = advised([make_card("twelve", tuple(PRESETS["sentinel2-l2a"]), whole_inputs=True)], ten, 10.0)[0]
    assert many.reason == (
        "Needs coastal blue, red edge (704 nm), red edge (740 nm), red edge (783 nm) and 4 more bands, "
        "which this layer does not say it has."
    )


def test_dates_are_asked_for_where_a_model_needs_them(make_card: MakeCard) -> None:
    dated = make_card("dated", ("B02", "B03"), inputs={"date": "required", "lonlat": "optional"})
    series = make_card("series", ("B02", "B03"), dates=[3, 12])
    bands = layer("sentinel2-10m")
    assert advised([dated], bands, 10.0)[0].reason == (
        "Needs the date of the image, which this layer does not say."
    )
    assert advised([dated], bands, 10.0, dates=("2020-06-01",))[0].fits
    for dates, words in (((), "one is given"), (("2020-06-01", "2020-07-01"), "2 are given")):
        alone = advised([series], bands, 10.0, dates=dates)[0]
        assert (alone.fits, alone.reason) == (
            False, f"Needs images of 3 dates, and {words}: add layers of other dates."
        )  # fmt: skip
    three = ("2020-06-01", "2020-07-01", "2020-08-01")
    assert advised([series], bands * 3, 10.0, dates=three)[0].fits


def test_aerial_images_are_advised_by_their_pixels(four: list[Card], make_card: MakeCard) -> None:
    aerial = make_card("aerial", ("red", "green", "blue"), gsd=[0.1, 2], best_gsd=0.3)
    found = advised([*four, aerial], layer("rgb"), 0.3)
    assert [item.card.id for item in found] == ["aerial", "spectral-texture", "galileo-nano"]
    assert found[0].reason == "Knows all 3 bands of this layer and its 0.3 m pixels."
    pictures = make_card("pictures", ("red", "green", "blue"))
    first, second = advised([pictures, aerial], layer("rgb"), 0.6)
    assert (first.card, second.card) == (aerial, pictures), "one made for such pixels before one for any"
    assert advised([aerial], layer("sentinel2-10m"), 10.0)[0].reason == (
        "Made for pixels of 0.1 to 2 m; this layer's are 10 m."
    )


# --- of equals, and of those that are too large -----------------------------------------------


def test_of_equals_the_one_on_this_machine_comes_first_then_the_smaller(make_card: MakeCard) -> None:
    large, small = make_card("a-large", ("B02",), 10**9), make_card("b-small", ("B02",), 10**6)
    bands = layer("sentinel2-10m")
    assert advised([large, small], bands, 10.0)[0].card is small
    first = advised([large, small], bands, 10.0, ready=lambda card: card is large)[0]
    assert (first.card, first.ready) == (large, True)
    better = make_card("c-better", ("B02", "B03"), 10**9)
    assert advised([better, small], bands, 10.0, ready=lambda card: card is small)[0].card is better


def test_what_does_not_fit_into_memory_comes_after_what_does_and_says_so(make_card: MakeCard) -> None:
    large = make_card("large", ("B02", "B03", "B04", "B08"), 10**9, evidence="measured")
    small, wrong = make_card("small", ("B02",), 10**6), make_card("wrong", ("VV",), 10**6)
    found = advised([wrong, large, small], layer("sentinel2-10m"), 10.0, memory=2 * GB)
    assert [item.card.id for item in found] == ["small", "large", "wrong"]
    assert [item.in_memory for item in found] == [True, False, True]
    assert found[1].fits
    assert found[1].reason == (
        "Knows all 4 Sentinel-2 bands of this layer, but needs about 4.6 GB of memory, "
        "and this device has 2.0 GB."
    )
    roomy = advised([wrong, large, small], layer("sentinel2-10m"), 10.0, memory=16 * GB)
    assert roomy[0].card is large
    assert roomy[0].memory == pytest.approx(4.6 * GB, rel=0.02)


def test_better_known_weights_outweigh_a_few_bands_and_not_most(make_card: MakeCard) -> None:
    known = make_card("known", ("B02", "B03", "B04"), evidence="measured")
    compared = make_card("compared", ("B02", "B03", "B04"), evidence="compared")
    untried = make_card("untried", ("B02", "B03", "B04", "B08"))
    found = advised([untried, compared, known], layer("sentinel2-10m"), 10.0)
    assert [item.card.id for item in found] == ["known", "compared", "untried"]
