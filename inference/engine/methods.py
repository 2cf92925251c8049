"""What the engine can be asked to do, by method name. Everything here runs on the main thread.

Libraries are imported inside the methods: the engine starts in a moment, and only what a
call needs is loaded.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import __version__
from ..bands import parse_mapping
from ..catalog import Card, Catalog, default_catalog
from ..drafts import Draft
from ..environment.requirements import EXTRAS
from ..errors import InvalidRequest
from ..fields import is_plain
from ..jobs import RasterRef, job_from_dict
from ..places import data_home, offline
from .making import version
from .weights.store import Store, default_store

if TYPE_CHECKING:
    from .base import Context
    from .features.token_store import TokenStore
    from .models import Services
    from .teaching.sessions import Sessions

_PACKAGES = (
    "torch",
    "onnxruntime",
    "numpy",
    "rasterio",
    "pyogrio",
    "shapely",
    "scikit-learn",
    "scipy",
    "safetensors",
)

METHODS: dict[str, str] = {
    "run": "run",
    "describe": "describe",
    "devices": "devices",
    "doctor": "doctor",
    "cache.show": "show_cache",
    "cache.clear": "clear_cache",
    "models.fetch": "fetch_model",
    "models.verify": "verify_model",
    "models.remove": "remove_model",
    "models.inspect": "inspect_model",
    "models.inspect_training": "inspect_training",
    "models.convert": "convert_weights",
    "teach.open": "open_teaching",
    "teach.label": "label",
    "teach.encode": "encode",
    "teach.preview": "preview",
    "teach.suggest": "suggest",
    "teach.review": "review",
    "teach.check": "check",
    "teach.helped": "helped",
    "teach.save": "save",
    "teach.close": "close_teaching",
}


class Methods:
    """The calls of docs/protocol.md that are queued; one instance an engine.

    Each takes the call's params and a Context, and answers plain JSON types.
    """

    def __init__(self) -> None:
        self._services: Services | None = None
        self._sessions: Sessions | None = None

    def run(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{job}`` -> the Result of the finished job."""
        job = job_from_dict(_only(params, "job"))
        # Loading the libraries can take seconds; say so, and notice a cancel in between.
        context.progress("start", 0, 1, "Loading the libraries")
        services = self._services_for(job.device)
        from .pipeline import run_job

        context.check()
        return run_job(job, services, context).to_dict()

    def describe(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{raster, bands}`` -> bands, ground sample distance, data type, date, size.

        ``raster`` is a path, ``bands`` what its bands are as BANDS says it, which may be left out.
        """
        mapping = params.get("bands", "")
        path = _text({key: value for key, value in params.items() if key != "bands"}, "raster")
        if not isinstance(mapping, str):
            raise InvalidRequest("The entry bands must be a text.")
        from .rasters import Stack
        from .sources import acquired, open_source

        ref = RasterRef(path, names=parse_mapping(mapping))
        with open_source(ref) as dataset:
            dtype, day = dataset.dtypes[0], acquired(dataset, ref)
        with Stack.open((ref,)) as stack:
            return {
                "dtype": dtype,
                "bands": [band.identity() for band in stack.bands],
                "gsd": stack.grid.gsd,
                "date": day.isoformat() if day else None,
                "width": stack.grid.width,
                "height": stack.grid.height,
                "warnings": list(stack.warnings),
            }

    def devices(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{}`` -> the device that is chosen, why, its memory in bytes, and the GPUs."""
        _nothing(params)
        return _device_facts()

    def fetch_model(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{model}`` -> its files, downloaded where they are missing."""
        card, store = self._card(params), _store()
        files = [str(store.fetch(one, asset, context)) for one in card.models for asset in one.assets]
        return {"model": card.id, "files": files}

    def verify_model(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{model}`` -> its files; fails where one is missing or does not match its digest."""
        card = self._card(params)
        for one in card.models:
            _store().verify(one)
        return {"model": card.id, "verified": len(card.assets)}

    def remove_model(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{model}`` -> its downloaded files, which are deleted now."""
        card = self._card(params)
        removed = [path for one in card.models for path in _store().remove(one)]
        if self._services is not None:
            for one in card.models:
                self._services.models.forget(one.id)
        return {"model": card.id, "removed": [str(path) for path in removed]}

    def inspect_model(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{file, output}`` -> what an ONNX file says of itself (:class:`~..drafts.Draft`)."""
        output = params.get("output", "")
        file = _text({name: value for name, value in params.items() if name != "output"}, "file")
        if not isinstance(output, str):
            raise InvalidRequest("The entry output must be a text.")
        context.progress("inspect", 0, 1, file)
        from .importers import inspect

        return {"draft": inspect(file, output).to_dict()}

    def inspect_training(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{config, checkpoint}`` -> what TerraTorch's files say of a network (:class:`~..drafts.Draft`)."""
        config = _text({name: value for name, value in params.items() if name != "checkpoint"}, "config")
        checkpoint = _text({name: value for name, value in params.items() if name != "config"}, "checkpoint")
        context.progress("inspect", 0, 1, checkpoint)
        from .importers.terratorch import inspect

        return {"draft": inspect(config, checkpoint).to_dict()}

    def convert_weights(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{draft}`` -> ``{file, sha256, size}`` of its checkpoint's weights in the user's model folder."""
        draft = Draft.from_dict(_only(params, "draft"))
        context.progress("convert", 0, 1, draft.file)
        from .importers.terratorch_weights import convert

        return convert(draft)

    def show_cache(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{}`` -> how much is kept of what models saw, and how much may be."""
        _nothing(params)
        return _tokens().facts()

    def clear_cache(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{}`` -> what was kept of what models saw, and is gone now."""
        _nothing(params)
        return _tokens().clear()

    def doctor(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``{}`` -> what is installed, which devices there are, what is wrong."""
        facts: dict[str, Any] = {
            "geofm": __version__,
            "python": platform.python_version(),
            "executable": sys.executable,
            "platform": platform.platform(),
            "packages": {name: version(name) for name in _PACKAGES},
            "extras": {name: version(name) for name in EXTRAS},
            "home": str(data_home()),
            "free_disk": _free_disk(),
            "offline": offline(),
        }
        problems = [f"{name} is not installed." for name, found in facts["packages"].items() if not found]
        parts: dict[str, Callable[[], Any]] = {
            "gdal": _gdal_version,
            "devices": _device_facts,
            "models": _model_facts,
            "unfinished_runs": _unfinished_runs,
            "cache": lambda: _tokens().facts(),
        }
        for name, part in parts.items():
            context.check()
            try:
                facts[name] = part()
            # A broken library raises anything at import; doctor is there to say so.
            except Exception as error:
                facts[name] = None
                problems.append(f"{name}: {type(error).__name__}: {error}")
        return {**facts, "problems": problems}

    def open_teaching(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """See docs/protocol.md, Teaching, for this call and the next ones."""
        context.progress("start", 0, 1, "Loading the libraries")
        return self._teaching().open(params, self._services_for, context)

    def label(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().label(params, context)

    def encode(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().encode(params, context)

    def preview(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().preview(params, context)

    def suggest(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().suggest(params, context)

    def review(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().review(params, context)

    def check(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().check(params, context)

    def helped(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().helped(params, context)

    def save(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().save(params, context)

    def close_teaching(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        return self._teaching().close(params)

    def _teaching(self) -> Sessions:
        if self._sessions is None:
            from .teaching.sessions import Sessions

            self._sessions = Sessions()
        return self._sessions

    def _card(self, params: Mapping[str, Any]) -> Card:
        return _catalog().get(_text(params, "model"))

    def _services_for(self, wanted: str) -> Services:
        """Services on the wanted device; the warm models stay while the device stays."""
        from .devices import choose_device
        from .models import Services

        device = choose_device(wanted)
        current = self._services
        if current is None or current.device.torch_device != device.torch_device:
            self._services = Services.create(_catalog(), _store(), device)
        else:
            # The cards may have changed since: a classifier was taught, a model added.
            self._services = replace(current, catalog=_catalog(), device=device)
        return self._services


def _catalog() -> Catalog:
    return default_catalog(_bare_card)


def _bare_card(path: Path) -> Card:
    from .importers import bare_card

    return bare_card(path)


def _store() -> Store:
    return default_store()


def _tokens() -> TokenStore:
    from .features.token_store import TokenStore

    return TokenStore.here()


def _nothing(params: Mapping[str, Any]) -> None:
    if params:
        raise InvalidRequest("This call takes no entries.")


def _only(params: Mapping[str, Any], name: str) -> Any:
    unknown = sorted(set(params) - {name})
    if unknown or name not in params:
        raise InvalidRequest(f"This call takes exactly one entry, {name}.")
    return params[name]


def _text(params: Mapping[str, Any], name: str) -> str:
    value = _only(params, name)
    if not isinstance(value, str) or not value or not is_plain(value):
        raise InvalidRequest(f"The entry {name} must be a text.")
    return value


def _free_disk() -> int:
    """Bytes free where the data folder lies or will lie."""
    folder = data_home()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _gdal_version() -> str:
    import rasterio

    return str(rasterio.__gdal_version__)


def _device_facts() -> dict[str, Any]:
    from .devices import device_facts

    return device_facts()


def _model_facts() -> list[dict[str, Any]]:
    store = _store()
    return [
        {
            "id": card.id,
            "family": card.family,
            "ready": all(store.find(card, asset) is not None for asset in card.assets),
        }
        for card in _catalog().cards()
    ]


def _unfinished_runs() -> dict[str, int]:
    """What waits in the data folder to be continued."""
    from .work import unfinished

    count, size = unfinished()
    return {"count": count, "bytes": size}
