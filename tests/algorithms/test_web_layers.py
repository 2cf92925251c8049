"""Layers of map servers: copied to the right place, at the size asked for, once, with their own values.

The servers are real, on this machine. What they draw says of each pixel where it belongs.
"""

from __future__ import annotations

import math
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt import sip

from geofm.algorithms.export import Wish, materialise
from geofm.algorithms.layers import raster_source
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.jobs import Job

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
UTM = QgsCoordinateReferenceSystem("EPSG:32615")
HALF_WORLD = 20037508.342789244
# The level at which the world has 4096 pixels a side, which three bytes can tell apart.
LEVEL, SIDE = 4, 2 * HALF_WORLD / 4096
# The coverage of the feature server: 60 x 50 pixels of 20 m.
LEFT, TOP, STEP = 462405.0, 1741815.0, 20.0


def _png(cols: np.ndarray, rows: np.ndarray) -> bytes:
    """A picture whose pixels hold a column and a row below 4096."""
    cols, rows = np.broadcast_arrays(cols[None, :], rows[:, None])
    coded = np.stack([cols >> 4, (cols & 15) << 4 | rows >> 8, rows & 255]).astype(np.uint8)
    made = gdal.GetDriverByName("MEM").Create("", coded.shape[2], coded.shape[1], 3)
    made.WriteRaster(0, 0, coded.shape[2], coded.shape[1], coded.tobytes())
    return _file_of("PNG", made)


def _file_of(driver: str, dataset: gdal.Dataset) -> bytes:
    name = f"/vsimem/{threading.get_ident()}.bin"
    gdal.GetDriverByName(driver).CreateCopy(name, dataset)
    opened = gdal.VSIFOpenL(name, "rb")
    content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL(name).size, opened))
    gdal.VSIFCloseL(opened)
    gdal.Unlink(name)
    return content


def _decoded(path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, rows and visibility of a copied picture."""
    pixels = _pixels(path).astype(int)
    return pixels[0] << 4 | pixels[1] >> 4, (pixels[1] & 15) << 8 | pixels[2], pixels[3] > 0


def _pixels(path: str) -> np.ndarray:
    data = gdal.Open(path)
    raw = data.ReadRaster(buf_type=gdal.GDT_Float64)
    return np.frombuffer(raw, np.float64).reshape(data.RasterCount, data.RasterYSize, data.RasterXSize)


class Server:
    """A map server on this machine; ``asked`` are the paths that it was asked for."""

    def __init__(self, answer: Callable[[str, dict[str, str]], tuple[int, str, bytes]]) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                parts = urllib.parse.urlsplit(self.path)
                query = {key.upper(): value for key, value in urllib.parse.parse_qsl(parts.query)}
                code, kind, body = answer(parts.path, query)
                with suppress(ConnectionError):  # who was cancelled does not wait for the answer
                    self.send_response(code)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *unused: object) -> None:
                """No lines among the tests' own."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


Serve = Callable[..., Server]
Open = Callable[..., QgsRasterLayer]
Copy = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Server] = []

    def start(answer: Callable[[str, dict[str, str]], tuple[int, str, bytes]]) -> Server:
        running.append(Server(answer))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def opened(qgis_app: object) -> Iterator[Open]:
    layers: list[QgsRasterLayer] = []

    def load(uri: str, title: str, provider: str) -> QgsRasterLayer:
        layers.append(QgsRasterLayer(uri, title, provider))
        assert layers[-1].isValid(), layers[-1].error().summary()
        return layers[-1]

    yield load
    for layer in layers:
        sip.delete(layer)


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    def copy(layer: QgsRasterLayer, feedback: QgsProcessingFeedback | None = None, **wish: Any) -> str:
        told = feedback or QgsProcessingFeedback()
        return materialise(raster_source(layer), Wish(**wish), str(tmp_path), told).path

    return copy


@pytest.fixture
def tiles(serve: Serve) -> Server:
    """The whole world at one level, each pixel saying which it is."""

    def answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        level, column, row = (int(part.split(".")[0]) for part in path.strip("/").split("/"))
        inside = np.arange(256)
        if level != LEVEL or column == 13:  # this server has no tiles in one column
            return 404, "text/plain", b""
        return 200, "image/png", _png(column * 256 + inside, row * 256 + inside)

    return serve(answer)


def _web(opened: Open, server: Server, title: str = "world map") -> QgsRasterLayer:
    address = f"{server.url}/{{z}}/{{x}}/{{y}}.png"
    return opened(f"type=xyz&zmin={LEVEL}&zmax={LEVEL}&url={address}", title, "wms")


def _box(left: float, bottom: float, right: float, top: float) -> QgsReferencedRectangle:
    return QgsReferencedRectangle(QgsRectangle(left, bottom, right, top), MERCATOR)


def test_tiles_are_copied_pixel_for_pixel(tiles: Server, opened: Open, copied: Copy) -> None:
    area = _box(1_003_000, 2_004_000, 4_305_000, 4_106_000)
    path = copied(_web(opened, tiles), extent=area, resolution=SIDE)
    left, step, _, top, _, down = gdal.Open(path).GetGeoTransform()
    assert (step, -down) == pytest.approx((SIDE, SIDE))
    cols, rows, seen = _decoded(path)
    assert seen.all()
    first_col, first_row = (left + HALF_WORLD) / SIDE, (HALF_WORLD - top) / SIDE
    assert first_col == pytest.approx(round(first_col), abs=1e-6)
    wanted = round(first_col) + np.arange(cols.shape[1])
    np.testing.assert_array_equal(cols, np.broadcast_to(wanted, cols.shape))
    wanted = round(first_row) + np.arange(rows.shape[0])[:, None]
    np.testing.assert_array_equal(rows, np.broadcast_to(wanted, rows.shape))
    assert left <= 1_003_000 < left + step
    assert left + step * cols.shape[1] >= 4_305_000 > left + step * (cols.shape[1] - 1)


_MATRICES = "".join(
    f"""<TileMatrix><ows:Identifier>{level}</ows:Identifier>
<ScaleDenominator>{2 * HALF_WORLD / (256 << level) / 0.00028}</ScaleDenominator>
<TopLeftCorner>{-HALF_WORLD} {HALF_WORLD}</TopLeftCorner>
<TileWidth>256</TileWidth><TileHeight>256</TileHeight>
<MatrixWidth>{1 << level}</MatrixWidth><MatrixHeight>{1 << level}</MatrixHeight></TileMatrix>"""
    for level in range(LEVEL - 1, LEVEL + 3)
)
_TILE_SERVICE = f"""<?xml version="1.0"?>
<Capabilities version="1.0.0" xmlns="http://www.opengis.net/wmts/1.0"
 xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink"><Contents>
<Layer><ows:Title>codes</ows:Title><ows:WGS84BoundingBox><ows:LowerCorner>-180 -85</ows:LowerCorner>
<ows:UpperCorner>180 85</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>codes</ows:Identifier>
<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>
<ResourceURL format="image/png" resourceType="tile"
 template="{{url}}/{{{{TileMatrix}}}}/{{{{TileCol}}}}/{{{{TileRow}}}}.png"/></Layer>
<TileMatrixSet><ows:Identifier>web</ows:Identifier><ows:SupportedCRS>EPSG:3857</ows:SupportedCRS>{_MATRICES}
</TileMatrixSet></Contents></Capabilities>"""


def test_so_are_those_of_a_tile_service(serve: Serve, opened: Open, copied: Copy) -> None:
    """Of the level that has pixels of this size, though there are finer ones."""

    def answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        if path == "/wmts":
            return 200, "text/xml", _TILE_SERVICE.format(url=server.url).encode()
        level, column, row = (int(part.split(".")[0]) for part in path.strip("/").split("/"))
        inside = np.arange(256) if level == LEVEL else np.zeros(256, int)
        return 200, "image/png", _png(column * 256 + inside, row * 256 + inside)

    server = serve(answer)
    uri = (
        "crs=EPSG:3857&format=image/png&layers=codes&styles=default&tileMatrixSet=web"
        f"&SmoothPixmapTransform=1&url={server.url}/wmts"
    )
    area = _box(1_003_000, 2_004_000, 9_305_000, 4_106_000)
    path = copied(opened(uri, "tile service", "wms"), extent=area, resolution=SIDE)
    left, _, _, top, _, _ = gdal.Open(path).GetGeoTransform()
    cols, rows, seen = _decoded(path)
    assert seen.all()
    # The layer's extent, which pixels are counted from, ends within one of the server's.
    first_col = math.floor((left + HALF_WORLD) / SIDE + 0.5)
    first_row = math.floor((HALF_WORLD - top) / SIDE + 0.5)
    wanted = first_col + np.arange(cols.shape[1])
    np.testing.assert_array_equal(cols, np.broadcast_to(wanted, cols.shape))
    wanted = first_row + np.arange(rows.shape[0])[:, None]
    np.testing.assert_array_equal(rows, np.broadcast_to(wanted, rows.shape))


@pytest.mark.parametrize("factor", [0.25, 0.4])
def test_another_resolution_keeps_the_place(
    tiles: Server, opened: Open, copied: Copy, factor: float
) -> None:
    """Finer than the tiles: each pixel shows the tile's pixel that covers it, to half a pixel."""
    path = copied(_web(opened, tiles), extent=_box(3e6, 3e6, 3.4e6, 3.3e6), resolution=SIDE * factor)
    left, step, _, top, _, _ = gdal.Open(path).GetGeoTransform()
    assert step == pytest.approx(SIDE * factor)
    cols, _, _ = _decoded(path)
    # The low bits are blended at the tiles' own pixel borders; the high ones are not.
    places = (left + step * (np.arange(cols.shape[1]) + 0.5) + HALF_WORLD) / SIDE
    inside = np.abs(places - np.floor(places) - 0.5) < 0.25
    off = np.abs(cols[5, inside] - np.floor(places[inside]))
    assert np.median(off) == 0
    assert (off <= 1).mean() > 0.9


def test_like_the_file_beside_it(
    tiles: Server, opened: Open, copied: Copy, landsat: QgsRasterLayer
) -> None:
    web = _web(opened, tiles)
    stack = (raster_source(web), raster_source(landsat))
    data = gdal.Open(copied(web, stack=stack))
    left, step, _, top, _, _ = data.GetGeoTransform()
    # 30 m on the ground at 15.7 degrees north are more in the units of this projection.
    assert step == pytest.approx(30 / np.cos(np.radians(15.7)), rel=0.02)
    place = _web_box(landsat)
    assert left <= place.xMinimum() < left + 2 * step
    assert top >= place.yMaximum() > top - 2 * step
    assert data.RasterXSize * step == pytest.approx(place.width(), abs=3 * step)


def _web_box(layer: QgsRasterLayer) -> QgsRectangle:
    from qgis.core import QgsCoordinateTransform, QgsCoordinateTransformContext

    there = QgsCoordinateTransform(layer.crs(), MERCATOR, QgsCoordinateTransformContext())
    return there.transformBoundingBox(layer.extent())


def test_the_world_is_not_copied_by_mistake(tiles: Server, opened: Open, copied: Copy) -> None:
    web = _web(opened, tiles)
    with pytest.raises(UnsupportedInput, match="world map is a web map") as caught:
        copied(web)
    assert "extent" in caught.value.hint
    with pytest.raises(UnsupportedInput, match="million pixels") as caught:
        copied(web, extent=_box(-2e7, -2e7, 2e7, 2e7), resolution=10.0)
    assert "RESOLUTION" in caught.value.hint
    assert not tiles.asked


def test_a_tile_that_the_server_lacks_is_no_data(tiles: Server, opened: Open, copied: Copy) -> None:
    start = 12 * 256 * SIDE - HALF_WORLD
    area = _box(start, 1e6, start + 3 * 256 * SIDE, 1.5e6)
    _, _, seen = _decoded(copied(_web(opened, tiles), extent=area, resolution=SIDE))
    np.testing.assert_array_equal(seen.all(axis=0), np.arange(seen.shape[1]) // 256 != 1)
    assert not seen[:, 256:512].any()


def test_a_server_that_is_away_is_one_sentence(
    tiles: Server, opened: Open, copied: Copy, tmp_path: Path
) -> None:
    away = _web(opened, tiles)
    tiles.stop()
    with pytest.raises(UnsupportedInput, match=r"^The server of world map did not answer: .*\.$") as caught:
        copied(away, extent=_box(1e6, 1e6, 2e6, 2e6), resolution=SIDE)
    assert caught.value.hint
    assert not tiles.asked


@pytest.mark.parametrize("code", [403, 500])
def test_a_server_that_refuses_is_one_sentence(serve: Serve, opened: Open, copied: Copy, code: int) -> None:
    refusing = serve(lambda path, query: (code, "text/plain", b"no"))
    with pytest.raises(UnsupportedInput, match="did not answer"):
        copied(_web(opened, refusing), extent=_box(1e6, 1e6, 2e6, 2e6), resolution=SIDE)


def test_cancel_ends_the_copy(serve: Serve, opened: Open, copied: Copy, tmp_path: Path) -> None:
    feedback = QgsProcessingFeedback()
    asked = threading.Event()
    let_go = threading.Event()

    def answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        asked.set()
        let_go.wait(20)  # as slow as a server can be
        return 404, "text/plain", b""

    layer = _web(opened, serve(answer))
    stopper = threading.Thread(target=lambda: (asked.wait(20), feedback.cancel()))
    stopper.start()
    try:
        with pytest.raises(Cancelled):
            copied(layer, feedback, extent=_box(1e6, 1e6, 6e6, 6e6), resolution=SIDE)
        assert not let_go.is_set()
    finally:
        let_go.set()
        stopper.join()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_script_cancels_by_answering(tiles: Server, opened: Open, copied: Copy) -> None:
    """A script has no button: it is asked after each part."""

    class Asking(QgsProcessingFeedback):
        asked = 0

        def isCanceled(self) -> bool:
            self.asked += 1
            if self.asked > 2:
                self.cancel()
            return bool(super().isCanceled())

    with pytest.raises(Cancelled):
        copied(_web(opened, tiles), Asking(False), extent=_box(-1e7, -1e7, 9e6, 1e7), resolution=SIDE)
    assert 0 < len(tiles.asked) < 64


def test_the_copy_is_gone_after_the_run(
    tiles: Server, opened: Open, job_of: Callable[..., Job], landsat: QgsRasterLayer, tmp_path: Path
) -> None:
    job = job_of(
        "cluster", INPUT=[_web(opened, tiles), landsat], MODEL="spectral-texture", CLASSES=3,
        RESOLUTION=SIDE, OUTPUT=str(tmp_path / "out.tif"),
    )
    copy, kept = (Path(ref.path) for ref in job.inputs)
    assert tiles.asked
    assert not copy.exists()
    assert not copy.parent.parent.exists()
    assert kept.is_file()


# --- WMS and WCS --------------------------------------------------------------------------------

_CAPABILITIES = """<?xml version="1.0"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms"
 xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>t</Title><OnlineResource xlink:href="{url}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format><DCPType><HTTP><Get><OnlineResource xlink:href="{url}"/></Get>
</HTTP>
</DCPType></GetCapabilities>
<GetMap><Format>image/png</Format><DCPType><HTTP><Get><OnlineResource xlink:href="{url}"/></Get></HTTP>
</DCPType>
</GetMap></Request><Exception><Format>XML</Format></Exception>
<Layer><Title>root</Title><CRS>EPSG:32615</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-93.4</westBoundLongitude><eastBoundLongitude>-93.2
</eastBoundLongitude><southBoundLatitude>15.6</southBoundLatitude>
<northBoundLatitude>15.8</northBoundLatitude>
</EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:32615" minx="462405" miny="1721815" maxx="482405" maxy="1741815"/>
<Layer queryable="0"><Name>codes</Name><Title>codes</Title><CRS>EPSG:32615</CRS>
<BoundingBox CRS="EPSG:32615" minx="462405" miny="1721815" maxx="482405" maxy="1741815"/></Layer>
</Layer></Capability></WMS_Capabilities>"""


@pytest.mark.parametrize("limits", ["", "&maxWidth=300&maxHeight=200"])
def test_a_wms_is_drawn_at_the_size_asked_for(
    serve: Serve, opened: Open, copied: Copy, limits: str
) -> None:
    """Also where its server draws no larger pictures at once."""
    side = 5.1  # no sum of it is exact, so that a place that is rounded can go either way

    def answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        if query.get("REQUEST") != "GetMap":
            return 200, "text/xml", _CAPABILITIES.format(url=server.url).encode()
        left, bottom, right, top = map(float, query["BBOX"].split(","))
        width, height = int(query["WIDTH"]), int(query["HEIGHT"])
        if limits and (width > 300 or height > 200):
            return 400, "text/plain", b"too large"
        xs = left + (np.arange(width) + 0.5) * (right - left) / width
        ys = top - (np.arange(height) + 0.5) * (top - bottom) / height
        codes = (((xs - LEFT) // side).astype(int) & 4095, ((TOP - ys) // side).astype(int) & 4095)
        return 200, "image/png", _png(*codes)

    server = serve(answer)
    uri = f"crs=EPSG:32615&format=image/png&layers=codes&styles{limits}&url={server.url}/"
    layer = opened(uri, "wms", "wms")
    area = QgsReferencedRectangle(QgsRectangle(LEFT + 1003, TOP - 3021, LEFT + 4002, TOP - 507), UTM)
    path = copied(layer, extent=area, resolution=side)
    left, step, _, top, _, _ = gdal.Open(path).GetGeoTransform()
    assert step == pytest.approx(side)
    cols, rows, seen = _decoded(path)
    assert seen.all()
    assert cols.shape == (494, 589)
    # Each pixel is one that the server drew for just this place.
    np.testing.assert_array_equal(cols[0], round((left - LEFT) / side) + np.arange(cols.shape[1]))
    np.testing.assert_array_equal(rows[:, 0], round((TOP - top) / side) + np.arange(rows.shape[0]))


_COVERAGES = """<?xml version="1.0"?>
<WCS_Capabilities version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink"><Service><name>t</name><label>t</label></Service>
<Capability><Request>
<GetCapabilities><DCPType><HTTP><Get><OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType>
</GetCapabilities>
<DescribeCoverage><DCPType><HTTP><Get><OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType>
</DescribeCoverage>
<GetCoverage><DCPType><HTTP><Get><OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType></GetCoverage>
</Request><Exception><Format>application/vnd.ogc.se_xml</Format></Exception></Capability>
<ContentMetadata><CoverageOfferingBrief><name>heights</name><label>heights</label>
<lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>-93.36 15.7</gml:pos>
<gml:pos>-93.3 15.8</gml:pos>
</lonLatEnvelope></CoverageOfferingBrief></ContentMetadata></WCS_Capabilities>"""
_COVERAGE = """<?xml version="1.0"?>
<CoverageDescription version="1.0.0" xmlns="http://www.opengis.net/wcs"
 xmlns:gml="http://www.opengis.net/gml">
<CoverageOffering><name>heights</name><label>heights</label>
<lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>-93.36 15.7</gml:pos>
<gml:pos>-93.3 15.8</gml:pos>
</lonLatEnvelope><domainSet><spatialDomain>
<gml:Envelope srsName="EPSG:32615"><gml:pos>462405 1740815</gml:pos><gml:pos>463605 1741815</gml:pos>
</gml:Envelope>
<gml:RectifiedGrid dimension="2"><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>
<gml:high>59 49</gml:high>
</gml:GridEnvelope></gml:limits><gml:axisName>x</gml:axisName><gml:axisName>y</gml:axisName>
<gml:origin><gml:pos>462415 1741805</gml:pos></gml:origin><gml:offsetVector>20 0</gml:offsetVector>
<gml:offsetVector>0 -20</gml:offsetVector></gml:RectifiedGrid></spatialDomain></domainSet>
<rangeSet><RangeSet><name>Band</name><label>Band</label></RangeSet></rangeSet>
<supportedCRSs><requestResponseCRSs>EPSG:32615</requestResponseCRSs><nativeCRSs>EPSG:32615</nativeCRSs>
</supportedCRSs><supportedFormats nativeFormat="GTiff"><formats>GTiff</formats></supportedFormats>
<supportedInterpolations><interpolationMethod>nearest neighbor</interpolationMethod></supportedInterpolations>
</CoverageOffering></CoverageDescription>"""


def test_a_coverage_keeps_its_values(serve: Serve, opened: Open, copied: Copy, tmp_path: Path) -> None:
    """No pictures: numbers beyond a byte, on the server's own grid."""
    values = np.random.default_rng(3).normal(1500, 400, (50, 60)).astype(np.float32)
    # A file: a dataset that the server kept would outlive QGIS, and GDAL's drivers with it.
    coverage = str(tmp_path / "heights.tif")
    heights = gdal.GetDriverByName("GTiff").Create(coverage, 60, 50, 1, gdal.GDT_Float32)
    heights.SetGeoTransform((LEFT, STEP, 0, TOP, 0, -STEP))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32615)
    heights.SetSpatialRef(srs)
    heights.WriteRaster(0, 0, 60, 50, values.tobytes())
    heights = None
    lock = threading.Lock()

    def answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        request = query.get("REQUEST")
        if request == "GetCapabilities":
            return 200, "text/xml", _COVERAGES.format(url=f"{server.url}/").encode()
        if request == "DescribeCoverage":
            return 200, "text/xml", _COVERAGE.encode()
        left, bottom, right, top = map(float, query["BBOX"].split(","))
        size = int(query["WIDTH"]), int(query["HEIGHT"])
        with lock:
            bounds = (left, bottom, right, top)
            part = gdal.Warp(
                "", coverage, format="MEM", outputBounds=bounds, width=size[0], height=size[1]
            )
            return 200, "image/tiff", _file_of("GTiff", part)

    server = serve(answer)
    uri = f"url={server.url}/&identifier=heights&crs=EPSG:32615&format=GTiff&version=1.0.0"
    path = copied(opened(f"{uri}&cache=AlwaysNetwork", "heights", "wcs"))
    assert gdal.Open(path).GetGeoTransform() == pytest.approx((LEFT, STEP, 0, TOP, 0, -STEP))
    np.testing.assert_array_equal(_pixels(path)[0], values)
