"""Logins and tokens are used and never seen: not in logs, files, messages or what is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geofm.inference import environment
from geofm.inference.environment import NotInstalled, SetupOptions, networks, options
from geofm.inference.environment.networks import without_secrets

sys.path.insert(0, str(Path(__file__).parent))
from package_index import Index, Proxy, digest_of  # noqa: E402

PASSWORD, OTHER = "s3cretPassw0rd", "pr0xyPassw0rd"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://me:s3cret@packages.example/simple", "https://***@packages.example/simple"),
        ("http://s3cret@packages.example", "http://***@packages.example"),
        ("http://me:s3@cret@proxy.example:3128/", "http://***@proxy.example:3128/"),
        ("http://me:s3/cret@proxy.example:3128/", "http://***@proxy.example:3128/"),
        ("git+https://me:s3cret@code.example/a.git@v1", "git+https://***@code.example/a.git@v1"),
        ("--proxy me:s3cret@proxy.example:3128", "--proxy ***@proxy.example:3128"),
        ("'--index-url=https://me:s3cret@h/'", "'--index-url=https://***@h/'"),
        ("token hf_s3cretS3cret.", "token ***."),
        ("ghp_s3cretS3cret glpat-s3cretS3cret", "*** ***"),
        ("Authorization: Basic bWU6czNjcmV0", "Authorization: ***"),
        ("{'Proxy-Authorization': 'Bearer s3cret'}", "{'Proxy-Authorization': '***'}"),
        ("sent Bearer s3cretS3cret", "sent Bearer ***"),
        ("/file?a=1&X-Amz-Signature=s3cret&b=2", "/file?a=1&X-Amz-Signature=***&b=2"),
        ("https://h/x?access_token=s3cret#top", "https://h/x?access_token=***#top"),
        ('{"password": "s3cret"}', '{"password": "***"}'),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s3cret", "***"),
    ],
)
def test_secrets_go_and_the_rest_stays(text: str, kept: str) -> None:
    assert without_secrets(text) == kept
    assert without_secrets(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Collecting keyring==25.0 (from -r list.txt (line 3))",
        "  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (31 kB)",
        "numpy==2.4.6 --hash=sha256:0123456789abcdef",
        "https://packages.example:8443/simple/a@b/",
        "me@example.org wrote: basic libraries, no token here",
        "from huggingface_hub import hf_hub_url, hf_hub_download",
        "C:\\Users\\me\\AppData\\Local\\geofm: 12:30:45",
    ],
)
def test_what_holds_no_secret_is_not_touched(text: str) -> None:
    assert without_secrets(text) == text


class Heard:
    """What a set-up said while it lasted."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, stage: str, done: int, total: int, message: str) -> None:
        self.lines.append(message)


def left_in(*folders: Path) -> list[str]:
    """Files in which a password stands, also encoded as headers and variables have it."""
    marks = (PASSWORD.encode(), OTHER.encode())
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(mark in path.read_bytes() for mark in marks)]


@pytest.fixture
def guarded(
    small: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Index, SetupOptions]]:
    """An index that wants a login, behind a proxy that wants another."""
    index, proxy = Index(wheels), Proxy(f"you:{OTHER}")
    index.login = f"me:{PASSWORD}"
    with index.serve(), proxy.serve():
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_RETRIES", "0")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield index, SetupOptions(index=index.with_login(), proxy=proxy.with_login())


def lie(index: Index, small: Path) -> None:
    index.lies.add(next(index.wheels.iterdir()).name)


def lack(index: Index, small: Path) -> None:
    digest = digest_of(next(index.wheels.iterdir()))
    small.write_text(f"small_library==9.0 --hash=sha256:{digest}\n", encoding="utf-8")


def shut(index: Index, small: Path) -> None:
    index.login = "me:another"


def be_busy(index: Index, small: Path) -> None:
    index.busy = 1000


def go_well(index: Index, small: Path) -> None:
    """Nothing is wrong."""


@pytest.mark.parametrize("trouble", [go_well, lie, lack, shut, be_busy])
def test_set_ups_leave_no_password_behind(
    guarded: tuple[Index, SetupOptions],
    small: Path,
    own_home: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    trouble: Callable[[Index, Path], None],
) -> None:
    index, chosen = guarded
    trouble(index, small)
    heard, told = Heard(), ""
    try:
        environment.create(chosen, heard)
    except NotInstalled as error:
        told = f"{error} {error.detail} {error.to_wire()} {error!r}"
    assert bool(told) == (trouble is not go_well)
    seen = "\n".join([*heard.lines, told, repr(chosen), *capfd.readouterr()])
    assert PASSWORD not in seen
    assert OTHER not in seen
    assert (own_home / "setup.log").stat().st_size
    assert (own_home / "setup.json").is_file()
    assert left_in(own_home) == []
    # The next set-up knows the addresses, and asks for the logins again.
    assert options.load().index == index.url
    assert "@" not in options.load().proxy


def test_the_engine_leaves_no_password_and_no_token_behind(
    engine_python: Path, scratch_home: Path, tmp_path: Path
) -> None:
    """Downloads that a proxy refuses and lets through, runs that fail and succeed."""
    from geofm.inference.client import Engine, EngineSettings
    from geofm.inference.errors import GeoFMError
    from geofm.inference.jobs import Job, RasterRef, Task

    token = f"hf_{PASSWORD}"
    with Proxy(f"you:{OTHER}").serve() as proxy, Index(tmp_path).serve() as hub:
        wrong = proxy.url.replace("://", f"://me:{PASSWORD}@")
        for address in (proxy.with_login(), wrong):
            chosen = SetupOptions(proxy=address)
            variables = {**networks.network_variables(chosen, {}), "HF_ENDPOINT": hub.url.rstrip("/")}
            settings = EngineSettings(environment=variables)
            with Engine(settings) as engine:
                engine.authorize(token)
                said = [repr(engine.settings), str(engine.call("doctor").result(120))]
                for work in (
                    lambda: engine.call("models.fetch", {"model": "dofa-base"}).result(120),
                    lambda: engine.submit(
                        Job(Task.CLUSTER, (RasterRef(str(tmp_path / "no.tif")),), str(tmp_path / "map.tif"),
                            model="spectral-texture", classes=3)
                    ).job_result(),
                ):  # fmt: skip
                    with pytest.raises(GeoFMError) as caught:
                        work()
                    said.append(f"{caught.value} {caught.value.detail}")
            for secret in (PASSWORD, OTHER):
                assert secret not in "\n".join(said)
    assert (scratch_home / "engine.log").is_file()
    assert left_in(scratch_home, tmp_path) == []
