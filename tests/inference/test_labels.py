"""What a file says of its bands and its date: in its tags, or in the STAC item beside it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.labels import BandTags, Labels

STAC = [
    {"name": "B8A", "common_name": "nir08", "center_wavelength": 0.8647},
    {"name": "B04", "eo:common_name": "red", "eo:center_wavelength": 0.6646},
]


def labels(path: Path, bands: int = 2, **own: str) -> Labels:
    return Labels(str(path), [BandTags("", {}, {}) for _ in range(bands)], own, {}, {})


def item(**assets: Any) -> dict[str, Any]:
    when = {"datetime": "2021-07-04T10:10:31Z"}
    return {"type": "Feature", "stac_version": "1.0.0", "properties": when, "assets": assets}


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene ä.tif"
    path.touch()
    return path


@pytest.mark.parametrize("name", ["scene ä.json", "scene ä.tif.json", "scene ä.stac.json"])
@pytest.mark.parametrize("key", ["eo:bands", "bands"])
def test_the_item_beside_a_file_names_its_bands(scene: Path, name: str, key: str) -> None:
    other = {"href": "./other.tif", key: [{"name": "SCL"}, {"name": "x"}]}
    mine = {"href": "https://somewhere/else/scene ä.tif", key: STAC}
    scene.with_name(name).write_text(json.dumps(item(other=other, mine=mine)), encoding="utf-8")
    found = labels(scene)
    assert found.descriptions((1, 2)) == ["B8A", "B04"]
    assert found.common_names((2, 1)) == ["red", "nir08"]
    assert found.wavelengths((1, 2)) == pytest.approx([864.7, 664.6])
    assert found.acquired() == datetime.date(2021, 7, 4)


def test_the_files_own_list_comes_first(scene: Path) -> None:
    path = scene.with_suffix(".json")
    path.write_text(json.dumps(item(data={"href": "x.tif", "eo:bands": STAC})), encoding="utf-8")
    own = json.dumps([{"common_name": "blue"}, {"common_name": "green"}])
    assert labels(scene).common_names((1, 2)) == ["nir08", "red"]
    assert labels(scene, **{"eo:bands": own}).common_names((1, 2)) == ["blue", "green"]
    assert labels(scene, DATE_ACQUIRED="2020-01-02").acquired() == datetime.date(2020, 1, 2)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"type": "FeatureCollection", "stac_version": "1.0.0"}',
        json.dumps(item(one={"href": "a.tif", "eo:bands": STAC}, two={"href": "b.tif", "eo:bands": STAC})),
        json.dumps(item(one={"href": "scene ä.tif", "eo:bands": STAC[:1]})),
        json.dumps({**item(one={"eo:bands": STAC}), "stac_version": None, "type": "Other"}),
    ],
)
def test_what_is_no_item_of_this_file_says_nothing_of_bands(scene: Path, content: str) -> None:
    scene.with_suffix(".json").write_text(content, encoding="utf-8")
    assert labels(scene).common_names((1, 2)) == ["", ""]


def test_what_is_no_file_has_nothing_beside_it() -> None:
    assert labels(Path("NETCDF:x.nc:band")).common_names((1, 2)) == ["", ""]


def test_a_photographs_bands_are_what_they_are_on_the_screen(scene: Path) -> None:
    def shown(*colours: str) -> Labels:
        return Labels(str(scene), [BandTags("", {}, {}, colour) for colour in colours], {}, {}, {})

    assert shown("red", "green", "blue", "alpha").common_names((3, 1, 4)) == ["blue", "red", ""]
    assert shown("red", "gray").common_names((1, 2)) == ["", ""], "only all three colours are a picture"
    own = BandTags("", {"common_name": "nir"}, {}, "red")
    named = Labels(str(scene), [own, BandTags("", {}, {}, "green"), BandTags("", {}, {}, "blue")], {}, {}, {})
    assert named.common_names((1, 2)) == ["nir", "green"], "what the file says of a band counts first"
