"""What a person chose for the set-up: checked, remembered, and without secrets on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.environment import options
from geofm.inference.environment.options import SetupOptions
from geofm.inference.errors import InvalidRequest


def test_what_was_chosen_is_remembered(scratch_home: Path) -> None:
    assert options.load() == SetupOptions()
    chosen = SetupOptions(
        python="/opt/python 3.12/bin/python3",
        accelerator="cpu",
        extras=("openvino",),
        index="https://packages.example/simple",
        extra_indexes=("https://second.example/simple", "/srv/wheels"),
        bundle="/media/stick/geofm",
        proxy="http://proxy.example:3128",
        without_proxy=("localhost", "intranet.example"),
        certificates="/etc/certificates.pem",
    )
    chosen.save()
    assert options.load() == chosen
    assert [path.name for path in scratch_home.iterdir()] == ["setup.json"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://user:s3cret@packages.example:8443/simple/", "https://packages.example:8443/simple/"),
        ("https://s3cret@packages.example/simple", "https://packages.example/simple"),
        ("https://packages.example/simple?token=s3cret", "https://packages.example/simple"),
        ("user:s3cret@packages.example:3128", "packages.example:3128"),
        ("https://us@er:s3cret@[::1", ""),
        ("https://packages.example/simple", "https://packages.example/simple"),
    ],
)
def test_secrets_in_addresses_count_but_are_not_written(scratch_home: Path, given: str, kept: str) -> None:
    chosen = SetupOptions(index=given, extra_indexes=(given,), proxy=given)
    assert chosen.index == given
    chosen.save()
    assert "s3cret" not in (scratch_home / "setup.json").read_text(encoding="utf-8")
    assert options.load().index == options.load().proxy == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"accelerator": "tpu"},
        {"python": 3},
        {"python": "--help"},
        {"extras": "openvino"},
        {"extras": ("open\nvino",)},
        {"index": "https://packages.example/simple https://other.example"},
        {"index": "--trusted-host=x"},
        {"proxy": "http://proxy.example\nPIP_INDEX_URL=x"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        SetupOptions(**wrong)


def test_the_same_wish_is_the_same_options() -> None:
    assert SetupOptions(extras=("b", "a", "b")) == SetupOptions(extras=("a", "b"))


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("", SetupOptions()),
        ("[]", SetupOptions()),
        ('{"accelerator": "cpu"', SetupOptions()),
        (json.dumps({"accelerator": "tpu", "extras": ["a"], "colour": 1}), SetupOptions(extras=("a",))),
        (json.dumps({"python": None, "accelerator": "cuda"}), SetupOptions(accelerator="cuda")),
    ],
)
def test_a_file_of_another_version_is_understood_as_far_as_it_goes(
    scratch_home: Path, text: str, understood: SetupOptions
) -> None:
    (scratch_home / "setup.json").write_text(text, encoding="utf-8")
    assert options.load() == understood
