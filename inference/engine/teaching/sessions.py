"""The teaching sessions of an engine: calls of the wire, checked and handed to their session."""

from __future__ import annotations

import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import rasterio

from ...errors import InvalidRequest, UnsupportedInput
from ...fields import is_plain
from ...jobs import Job, job_from_dict
from ...teaching import SESSION_GONE
from ..base import Context
from ..models import Services
from ..pipeline import GDAL_CACHE
from .encoded import Encoded
from .session import Ground, Look, Session
from .understood import class_list

# Without their features sessions are small; more than these are open files that nobody closed.
_MOST_SESSIONS = 8
_LARGEST_SCREEN = 1 << 14
_MOST_PLACES = 1000
_OPENING = ("inputs", "model", "classifier", "method", "grid", "device", "seed")


class Sessions:
    """All that are open; the least recently used is closed where there are too many."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._encoded = Encoded()

    def open(
        self, params: Mapping[str, Any], services: Callable[[str], Services], context: Context
    ) -> dict[str, Any]:
        """``teach.open``.

        Args:
            services: by the device that is wanted.
        """
        unknown = sorted(set(params) - set(_OPENING))
        if unknown:
            raise InvalidRequest(f"teach.open does not take {', '.join(unknown)}.")
        job = _job(params)
        name = secrets.token_hex(8)
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE), ExitStack() as files:
            ground = Ground.open(job, params.get("method", ""), services(job.device), context, files)
            session = self._open[name] = Session(name, ground, self._encoded, files.pop_all())
        while len(self._open) > _MOST_SESSIONS:
            self._open.popitem(last=False)[1].close()
        return session.opened()

    def close(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """``teach.close``; a session that is gone is closed already."""
        session = self._open.pop(_text(params, "session"), None)
        if session is not None:
            session.close()
        return {}

    def label(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.label``."""
        session = self._session(params, ("classes", "set", "remove"))
        given, gone = params.get("set", []), params.get("remove", [])
        if not isinstance(given, list) or not isinstance(gone, list):
            raise InvalidRequest("The entries set and remove must be lists.")
        if not all(isinstance(one, str) for one in gone):
            raise InvalidRequest("The entry remove must hold ids, which are texts.")
        return session.label(class_list(params.get("classes")), given, gone)

    def encode(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.encode``."""
        session = self._session(params, ("extent", "milliseconds"))
        milliseconds = _number(params, "milliseconds", 0, 600_000)
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.encode(session.window(_extent(params)), milliseconds / 1000, context)

    def preview(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.preview``."""
        names = ("extent", "width", "height", "path", "confidence", "least_confidence", "novelty")
        session = self._session(params, names)
        look = Look(
            session.window(_extent(params)),
            int(_number(params, "width", 1, _LARGEST_SCREEN)),
            int(_number(params, "height", 1, _LARGEST_SCREEN)),
            _flag(params, "confidence", True),
            _flag(params, "novelty", False),
            _number({"least_confidence": 0, **params}, "least_confidence", 0, 1),
        )
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.preview(look, Path(_text(params, "path")), context)

    def suggest(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.suggest``."""
        session = self._session(params, ("count", "extent"))
        window = None
        if params.get("extent") is not None:
            window = session.window(_extent(params))
            if window is None:
                return {"places": [], "reason": "Nothing of the raster is in view."}
        count = int(_number(params, "count", 1, _MOST_PLACES))
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.suggest(window, count, context)

    def review(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.review``."""
        session = self._session(params, ())
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.review(context)

    def check(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.check``."""
        session = self._session(params, ())
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.check(context)

    def helped(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.helped``."""
        session = self._session(params, ())
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.helped(context)

    def save(self, params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """``teach.save``."""
        session = self._session(params, ("path", "title"))
        title = _text(params, "title") if params.get("title") else ""
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            return session.save(_text(params, "path"), title, context)

    def _session(self, params: Mapping[str, Any], entries: tuple[str, ...]) -> Session:
        """The session that a call names, used now; its files are as they were."""
        unknown = sorted(set(params) - {"session", *entries})
        if unknown:
            raise InvalidRequest(f"This call does not take {', '.join(unknown)}.")
        name = _text(params, "session")
        if name not in self._open:
            raise InvalidRequest(SESSION_GONE, "Open it again and send the labels again.")
        self._open.move_to_end(name)
        session = self._open[name]
        try:
            session.check_files()
        except UnsupportedInput:
            self.close({"session": name})
            raise
        return session


def _job(params: Mapping[str, Any]) -> Job:
    """The training that a session stands for; its samples come click by click, its output when saved."""
    stand_in = {"samples": {"path": "labels", "field": "class"}, "output": "classifier"}
    return job_from_dict({"task": "trainclassifier", **params, **stand_in})


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value or not is_plain(value):
        raise InvalidRequest(f"The entry {name} must be a text.")
    return value


def _flag(params: Mapping[str, Any], name: str, default: bool) -> bool:
    value = params.get(name, default)
    if not isinstance(value, bool):
        raise InvalidRequest(f"The entry {name} must be true or false.")
    return value


def _number(params: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise InvalidRequest(f"The entry {name} must be a number from {least} to {most}.")
    return float(value)


def _extent(params: Mapping[str, Any]) -> tuple[float, float, float, float]:
    value = params.get("extent")
    if not isinstance(value, list) or len(value) != 4:
        raise InvalidRequest("The entry extent must be a list of xmin, ymin, xmax and ymax.")
    if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in value):
        raise InvalidRequest("The entry extent must hold four numbers.")
    xmin, ymin, xmax, ymax = map(float, value)
    return xmin, ymin, xmax, ymax
