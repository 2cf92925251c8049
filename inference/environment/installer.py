"""The engine's environment, made, looked at and taken away. Standard library alone.

A new one is always made beside what is there, and from its beginning: a half one is never gone on with, for
an installer that was killed leaves packages that look whole. What was fetched is kept until a set-up
succeeds, so that little is lost.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors import InvalidRequest
from ..places import data_home, encodings_folder, engines_folder, home_models, runs_folder, setup_log_path
from . import folders, networks, requirements
from .builds import builds_folder
from .commands import Commands, Log
from .making import Making, ProgressCallback, downloads_folder
from .options import SetupOptions, load, options_path
from .plan import accelerator_for, lists_for, plan
from .platforms import Platform, this_platform
from .pythons import NotInstalled
from .state import Made, check, finished
from .turns import lock_path, turn


def create(
    options: SetupOptions | None = None,
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    extras: Iterable[str] = (),
) -> Path:
    """Make the engine's environment, or renew it; at once if there is one as it is wanted.

    Args:
        options: how; remembered for the next time. None for those of the last time.
        progress: called with stage, done, total and a line of text. The stages are ``python``, ``create``,
            ``install`` and ``verify``; in ``install`` done and total are bytes, first those that are
            fetched, then those that are unpacked; total is 0 where it is not known.
        cancelled: asked ten times a second; True stops the set-up.
        extras: what is wanted beside the engine, on top of those in the options and those that were
            installed earlier.

    Returns:
        the interpreter of the environment.

    Raises:
        InvalidRequest: if GEOFM_PYTHON names an interpreter that GeoFM does not manage, or there is no
            such extra.
        NotInstalled: with the installer's last lines as detail; also if another set-up is under way.
        Cancelled: when asked to stop.
    """
    with _begun(options, progress, cancelled, extras) as (making, ready):
        return _settled(making, ready)


def repair(
    options: SetupOptions | None = None,
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Look whether the environment works, at every file of it, and make a new one where it does not.

    Arguments, answer and errors are those of :func:`create`.
    """
    with _begun(options, progress, cancelled) as (making, ready):
        faults = making.faults(ready) if ready else []
        for fault in faults:
            making.say("verify", 0, 1, fault)
        return _settled(making, None if faults else ready, broken=ready)


def remove(everything: bool = False) -> int:
    """Take away what set-ups made: environments, what they fetched, options, log; and kept encodings.

    An environment in which an engine is at work stays until the next set-up or removal, and does not count
    until then: close the engine first.

    Args:
        everything: downloaded models, the user's own models and classifiers, and unfinished runs, too.

    Returns:
        how many bytes that freed.

    Raises:
        NotInstalled: if a set-up is under way, or the disk refuses.
    """
    home = data_home()
    if not home.is_dir():
        return 0
    with _in_words(), turn():
        freed = folders.sweep()
        also = [home_models(), runs_folder()] if everything else []
        freed += sum(map(folders.delete, [downloads_folder(), builds_folder(), encodings_folder(), *also]))
        logs = home.glob(f"{setup_log_path().name}*")
        freed += sum(_unlink(path) for path in (options_path(), *logs))
    _unlink(lock_path())
    for folder in (engines_folder(), home):
        # What is not of the set-up, or still at work, keeps its folder.
        with contextlib.suppress(OSError):
            folder.rmdir()
    return freed


@contextlib.contextmanager
def _begun(
    options: SetupOptions | None,
    progress: ProgressCallback | None,
    cancelled: Callable[[], bool],
    extras: Iterable[str] = (),
) -> Iterator[tuple[Making, Made | None]]:
    """A set-up whose turn it is, and the environment that is already as it is wanted."""
    if not check().own:
        raise InvalidRequest(
            "GEOFM_PYTHON names the engine's Python; there is nothing to set up.",
            "Remove the variable GEOFM_PYTHON to let GeoFM make its own environment.",
        )
    platform = this_platform()
    chosen = _with_extras(options or load(), platform, extras)
    accelerator = accelerator_for(platform, chosen)
    names = {listed.name for listed in lists_for(platform, accelerator, chosen)}
    with _in_words(), turn(cancelled) as handle, contextlib.closing(Log()) as log:
        chosen.save()
        try:
            say = progress or (lambda stage, done, total, message: None)
            making = Making(chosen, say, Commands(log, cancelled, (handle,)))
            yield making, next((made for made in finished() if _serves(made, names, chosen)), None)
        except BaseException as error:
            log.write(f"{type(error).__name__}: {error}")
            raise


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """What the disk refuses, as the sentence that people can act on."""
    try:
        yield
    except OSError as error:
        raise NotInstalled(*networks.diagnose([str(error)]), str(error)) from error


def _settled(making: Making, ready: Made | None, broken: Made | None = None) -> Path:
    """The interpreter of the environment that is ready, else of a new one; nothing else is left."""
    if ready is None:
        others = [made for made in finished() if made != broken]
        folder = making.make(plan(making.options), others)
        ready = next(made for made in finished() if made.folder == folder)
    making.clean(ready)
    return ready.python


def _with_extras(options: SetupOptions, platform: Platform, extras: Iterable[str]) -> SetupOptions:
    """The options, with what is wanted as well and what was installed earlier."""
    present = {name for made in finished() for name in made.requirements}
    # Earlier versions had lists without the platform's tag.
    named = {name: {f"{name}.txt", f"{platform.tag}-{name}.txt"} for name in requirements.EXTRAS}
    kept = [name for name, files in named.items() if files & present]
    return dataclasses.replace(options, extras=(*options.extras, *extras, *kept))


def _serves(made: Made, names: set[str], options: SetupOptions) -> bool:
    """Whether an environment is what is wanted."""
    # Another Python that was found by itself is no reason to do everything again.
    same_python = not options.python or options.python == made.base
    return made.fits and made.works and same_python and set(made.requirements) == names


def _unlink(path: Path) -> int:
    """Remove a file; its bytes, 0 where it is not there or held open."""
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return 0
    return size
