"""Maps real imagery through `geofm.api`, as a user's script would: `make demo`.

Leaves GeoTIFFs, a GeoPackage, a QGIS project and one picture a map in build/demo, and prints
which model ran where and how fast, and what has to be known to judge the maps.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import demo_data
import numpy as np
from demo_pictures import outlined, picture, show_bands, side_by_side
from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsRasterLayer

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "demo"
WRITTEN = ("*.tif", "*.tif.*", "*.gpkg*", "*.csv", "*.geofm*", "*.qgz", "*.png", "*.html")
FALSE_COLOUR = (5, 4, 3)  # Landsat ETM+ and its stack: short-wave infrared, near infrared, red
TRUE_COLOUR = (4, 3, 2)  # Sentinel-2 with all bands in order
CLUSTERS = 6
OUTLINE = "#ffe119"
SMALLEST_CHANGE = 3600.0  # square metres: four pixels of Landsat


class Demo:
    """The demo's story: one method a map."""

    def __init__(self, scenes: demo_data.Scenes, model: str) -> None:
        from geofm import api

        self.api = api
        self.scenes = scenes
        self.model = model
        self.project = QgsProject.instance()
        self.pixels = self.seconds = 0.0
        self.told: set[str] = set()

    def path(self, name: str) -> str:
        return str(FOLDER / name)

    def say(self, what: str, results: object) -> None:
        """One line about a finished map, and what :meth:`warn` says of it."""
        run = results.run
        self.pixels += run.pixels
        self.seconds += run.seconds
        rate = run.pixels / run.seconds
        print(f"{what}: {run.model} on {run.device}, {run.pixels:,} pixels in {run.seconds:.1f} s,"
              f" {rate:,.0f} pixels a second")
        self.warn(run)

    def warn(self, run: object) -> None:
        """Those of a run's warnings that are new."""
        for warning in run.warnings:
            if warning not in self.told:
                print(f"  note: {warning}")
        self.told |= set(run.warnings)

    def scene(self, path: Path, name: str, bands: tuple[int, int, int]) -> QgsRasterLayer:
        """A scene as a background layer."""
        layer = QgsRasterLayer(str(path), name)
        show_bands(layer, bands)
        return layer

    def add(self, group: str, layers: list[QgsMapLayer]) -> None:
        """Put layers into a group of the project, the first on top and visible."""
        node = self.project.layerTreeRoot().addGroup(group)
        for layer in layers:
            self.project.addMapLayer(layer, False)
            node.addLayer(layer)

    def land_cover(self) -> None:
        scenes = self.scenes
        taught = self.api.train(
            scenes.before, scenes.samples, scenes.field, self.model, date=scenes.dates[0],
            output=self.path("landcover.geofm"), report=self.path("landcover-report.html"),
        )
        run = taught.run
        print(f"teach land cover: {run.model} on {run.device}, {run.pixels:,} labelled pixels"
              f" in {run.seconds:.1f} s")
        self.warn(run)
        accuracy = taught.run.facts["validation"]["accuracy"]
        if accuracy is not None:
            right = accuracy["overall"]
            why = ": no wonder, rules placed them" if self.scenes.labels_by_rule else ""
            print(f"  leaving labelled places out in turn, {right:.0%} of their pixels come out right{why}")
        found = self.api.classify(
            scenes.before, taught.output, date=scenes.dates[0],
            output=self.path("landcover.tif"), confidence=self.path("confidence.tif"),
        )
        self.say("map land cover", found)
        scene = self.scene(scenes.before, f"Scene, {scenes.names[0]}", FALSE_COLOUR)
        found.output.setName("Land cover")
        found.confidence.setName("Confidence")
        self.add("Land cover", [found.output, found.confidence, scene])
        picture(FOLDER / "landcover.png", f"Land cover, {scenes.names[0]}", found.output, scene)
        picture(FOLDER / "confidence.png", "Confidence of the land cover", found.confidence, scene)

    def clouds(self) -> None:
        scenes = self.scenes
        found = self.api.segment(scenes.clouds, scenes.cloud_model, output=self.path("clouds.tif"))
        self.say("find clouds", found)
        values = demo_data.read_classes(self.path("clouds.tif"))
        print(f"  cloud {np.mean(values == 2):.1%} of the scene, shadow {np.mean(values == 3):.1%}")
        if scenes.fmask:
            truth = demo_data.read_classes(scenes.clouds, scenes.fmask)
            agree = np.mean((values == 2) == (truth == 4))
            print(f"  whether a pixel is cloud, it agrees with the scene's own mask (Fmask) on {agree:.1%}")
        scene = self.scene(scenes.clouds, "Scene for the clouds", FALSE_COLOUR)
        found.output.setName("Clouds")
        self.add("Clouds", [found.output, scene])
        picture(FOLDER / "clouds.png", "Clouds and their shadows", found.output, scene)

    def change(self) -> None:
        scenes, before, after = self.scenes, self.scenes.before, self.scenes.after
        # A second date made from the first by planting changes has the same sky.
        clouds = "auto" if scenes.planted is None else "off"
        # Between autumn and spring everything differs a little, and no group stands out by itself.
        alarms = 1.0 if scenes.planted is None else 0.0
        found = self.api.change(
            before, after, self.model, date=scenes.dates[0], date_after=scenes.dates[1], clouds=clouds,
            false_alarms=alarms,
            min_area=SMALLEST_CHANGE, output=self.path("change.tif"), mask=self.path("change-mask.tif"),
            polygons=self.path("change.gpkg"), table=self.path("change.csv"),
        )
        self.say("find change", found)
        facts = found.run.facts
        for date, sky in facts.get("clouds", {}).items():
            shares = ", ".join(f"{what} {share:.1f} %" for what, share in sky["percent"].items())
            print(f"  {date}, by {sky['found_by']}: {shares or 'nothing'} is left out")
        area, count = facts["changed_m2"] / 1e6, found.polygons.featureCount()
        print(f"  threshold {facts['threshold']:.3g} ({facts['threshold_method']}):"
              f" {area:.2f} km2 changed, in {count} polygons of {SMALLEST_CHANGE:,.0f} m2 and more")
        if scenes.planted is not None:
            self.tell_planted(scenes.planted)
        first, last = (
            self.scene(path, f"Scene, {name}", FALSE_COLOUR)
            for path, name in zip((before, after), scenes.names)
        )
        found.polygons.setName("Changed places")
        found.mask.setName("Change mask")
        found.output.setName("Magnitude of change")
        self.add("Change", [found.polygons, found.mask, found.output, last, first])
        side_by_side(
            FOLDER / "change.png",
            f"Change from {scenes.names[0]} to {scenes.names[1]}",
            [
                (first.name(), [first]),
                (last.name(), [last]),
                ("Magnitude; white: left out", [found.output]),
                (f"{count} changed places", [outlined(found.polygons, OUTLINE), last]),
            ],
            found.output,
        )

    def tell_planted(self, planted: np.ndarray) -> None:
        """How many of the planted changes were found, and how much else was called change."""
        mask = demo_data.read_classes(self.path("change-mask.tif")) == 1
        found, wrong = mask[planted].mean(), mask[~planted].mean()
        print(f"  of the planted pixels {found:.1%} were found and {1 - found:.1%} missed;"
              f" of the unchanged ones {wrong:.2%} were called change")

    def sentinel2(self) -> None:
        chip = self.scenes.sentinel2
        if chip is None:
            print("no Sentinel-2 scene at hand: that map is left out")
            return
        found = self.api.cluster(
            chip, self.model, classes=CLUSTERS, bands="sentinel2-l2a", output=self.path("sentinel2.tif")
        )
        self.say("group a Sentinel-2 scene, without labels", found)
        scene = self.scene(chip, "Sentinel-2", TRUE_COLOUR)
        found.output.setName("What looks alike")
        self.add("Sentinel-2", [found.output, scene])
        title = f"Sentinel-2: {CLUSTERS} groups that look alike"
        picture(FOLDER / "sentinel2.png", title, found.output, scene)

    def save(self) -> None:
        """Write the project with paths relative to it."""
        self.project.setCrs(self.scene(self.scenes.before, "", FALSE_COLOUR).crs())
        self.project.write(self.path("demo.qgz"))


def choose_model() -> str:
    """Galileo if its weights are here or can be fetched, else what needs none; says which and why."""
    from geofm.algorithms import session
    from geofm.inference.errors import GeoFMError

    try:
        session.engine().call("models.fetch", {"model": "galileo-nano"}).result()
    except GeoFMError as error:
        print(f"model: spectral-texture, because galileo-nano is not to be had here: {error.message}")
        return "spectral-texture"
    print("model: galileo-nano, a foundation model, joined to spectral-texture's features")
    return "galileo-nano"


def tell(demo: Demo, started: float) -> None:
    """Where things are and how long it took."""
    print(f"\nAll maps: {demo.pixels:,.0f} pixels in {demo.seconds:.1f} s of computing,"
          f" {time.monotonic() - started:.0f} s in all.")
    print(f"They are in {FOLDER}:")
    for pattern in ("*.tif", "change.gpkg", "*.csv", "demo.qgz", "*.png", "*.html"):
        names = ", ".join(sorted(path.name for path in FOLDER.glob(pattern)))
        if names:
            print(f"  {names}")
    print(f"Open the project with: eval \"$(make -s env)\"; qgis {os.path.relpath(FOLDER / 'demo.qgz')}")


def main() -> int:
    """Make every map; 1 with one sentence if something did not work."""
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for pattern in WRITTEN:
        for path in FOLDER.glob(pattern):
            path.unlink()
    application = QgsApplication([], False)
    application.initQgis()
    from geofm.inference.client import close_shared_engine
    from geofm.inference.errors import GeoFMError

    try:
        scenes = demo_data.find(FOLDER / "data")
        for remark in scenes.remarks:
            print(remark)
        demo = Demo(scenes, choose_model())
        demo.land_cover()
        demo.clouds()
        demo.change()
        demo.sentinel2()
        demo.save()
        tell(demo, started)
    except GeoFMError as error:
        print(f"The demo stopped: {error}\n{error.detail}", file=sys.stderr)
        return 1
    finally:
        close_shared_engine()
        QgsProject.instance().clear()
        application.exitQgis()
    return 0


if __name__ == "__main__":
    sys.exit(main())
