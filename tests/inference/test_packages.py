"""Locked packages over networks of firms: real pip, real servers on this machine, one trouble each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from geofm.inference.environment import NotInstalled, SetupOptions, networks, packages
from geofm.inference.errors import Cancelled, InvalidRequest

sys.path.insert(0, str(Path(__file__).parent))
from package_index import Index, Proxy, RealPip, digest_of, make_authority, make_wheel  # noqa: E402

NAMES = ("geofm_alpha", "geofm_beta", "geofm_gamma")
BIG = 3_000_000


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, scratch_home: Path) -> None:
    """A machine whose pip is configured for nothing."""
    for name in list(os.environ):
        if name.upper().startswith(("PIP_", "SSL_CERT", "REQUESTS_CA", "CURL_CA")) or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    # A failure shall be told at once.
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "5")


@pytest.fixture
def index(tmp_path: Path, bare: None) -> Iterator[Index]:
    for name in NAMES:
        make_wheel(tmp_path / "served", name, size=BIG if name == "geofm_beta" else 1000)
    with Index(tmp_path / "served").serve() as served:
        yield served


def the_list(index: Index) -> str:
    """As `make locks` writes lists."""
    rows = []
    for path in sorted(index.wheels.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        rows.append(f"{name}=={version} \\\n    --hash=sha256:{digest_of(path)}\n")
    return "# A list\n" + "".join(rows)


def wanted(index: Index) -> tuple[packages.Package, ...]:
    return packages.locked(the_list(index))


def bytes_of(index: Index) -> int:
    return sum(path.stat().st_size for path in index.wheels.iterdir())


def fetch(
    index: Index, folder: Path, options: SetupOptions, **more: Callable[[], bool]
) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    pip = RealPip(options, **more)
    packages.fetch(
        wanted(index), folder, pip, lambda done, total, text: steps.append((done, total)), bytes_of(index)
    )
    return steps


def names_in(folder: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in folder.iterdir())


@pytest.mark.parametrize("as_json", [False, True], ids=["html", "json"])
def test_an_index_of_ones_own_gives_whole_files_once(index: Index, tmp_path: Path, as_json: bool) -> None:
    index.as_json = as_json
    folder = tmp_path / "fetched"
    steps = fetch(index, folder, SetupOptions(index=index.url))
    assert names_in(folder) == sorted(NAMES)
    total = bytes_of(index)
    assert {whole for _, whole in steps} == {total}
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1] == (total, total)
    index.asked.clear()
    fetch(index, folder, SetupOptions(index=index.url))
    assert index.asked == []


def test_what_is_damaged_or_of_another_list_is_fetched_again_or_goes(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "fetched"
    options = SetupOptions(index=index.url)
    fetch(index, folder, options)
    index.asked.clear()
    victim = next(folder.glob("geofm_alpha*"))
    victim.write_bytes(victim.read_bytes()[:-10])
    make_wheel(folder, "geofm_old")
    packages.prune(folder, wanted(index))
    assert names_in(folder) == ["geofm_beta", "geofm_gamma"]
    fetch(index, folder, options)
    assert names_in(folder) == sorted(NAMES)
    assert index.files() == [victim.name]
    assert digest_of(victim) == digest_of(index.wheels / victim.name)


def test_they_install_from_the_folder_whatever_the_machines_pip_is_set_to(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, target, listed = tmp_path / "fetched", tmp_path / "target", tmp_path / "list.txt"
    fetch(index, folder, SetupOptions(index=index.url))
    listed.write_text(the_list(index), encoding="utf-8")
    index.asked.clear()
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_FIND_LINKS", index.url)
    monkeypatch.setenv("PIP_PREFIX", str(tmp_path / "elsewhere"))
    words = [*packages.install_words(folder, [listed]), "--target", str(target)]
    subprocess.run(
        [sys.executable, "-I", "-m", "pip", *words], env=packages.install_environment(), check=True,
        capture_output=True,
    )  # fmt: skip
    assert set(NAMES) <= {path.name for path in target.iterdir()}
    assert index.asked == []
    assert not (tmp_path / "elsewhere").exists()


def test_an_index_behind_a_login_takes_it_from_the_address_or_from_netrc(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.login = "me:s3cret"
    with pytest.raises(NotInstalled, match="wants a login") as caught:
        fetch(index, tmp_path / "none", SetupOptions(index=index.url))
    assert ".netrc" in caught.value.hint
    with pytest.raises(NotInstalled, match="wants a login"):
        fetch(index, tmp_path / "wrong", SetupOptions(index=index.with_login("me:another")))
    fetch(index, tmp_path / "right", SetupOptions(index=index.with_login()))
    assert names_in(tmp_path / "right") == sorted(NAMES)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(index, tmp_path / "netrc", SetupOptions(index=index.url))
    assert names_in(tmp_path / "netrc") == sorted(NAMES)


def test_a_further_index_is_asked_beside_the_first(index: Index, tmp_path: Path) -> None:
    make_wheel(tmp_path / "second", "geofm_delta")
    with Index(tmp_path / "second").serve() as second:
        (index.wheels / "geofm_delta-1.0-py3-none-any.whl").write_bytes(
            (second.wheels / "geofm_delta-1.0-py3-none-any.whl").read_bytes()
        )
        listed = wanted(index)
        (index.wheels / "geofm_delta-1.0-py3-none-any.whl").unlink()
        options = SetupOptions(index=index.url, extra_indexes=(second.url,))
        packages.fetch(listed, tmp_path / "fetched", RealPip(options), lambda *_: None)
    assert "geofm_delta" in names_in(tmp_path / "fetched")


def test_a_small_build_of_pytorch_in_a_folder_of_the_machine_is_preferred(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = make_wheel(index.wheels, "torch", size=BIG)
    small = make_wheel(tmp_path / "folder", "torch", "1.0+cpu")
    listed = packages.locked(
        f"torch==1.0 --hash=sha256:{digest_of(large)} --hash=sha256:{digest_of(small)}\n"
    )
    pip = RealPip(SetupOptions(index=index.url))
    packages.fetch(listed, tmp_path / "without", pip, lambda *_: None)
    assert [path.name for path in (tmp_path / "without").iterdir()] == [large.name]
    monkeypatch.setenv("PIP_FIND_LINKS", str(small.parent))
    packages.fetch(listed, tmp_path / "with", pip, lambda *_: None)
    assert [path.name for path in (tmp_path / "with").iterdir()] == [small.name]


def test_a_proxy_that_wants_a_password_gets_it_and_is_explained(index: Index, tmp_path: Path) -> None:
    with Proxy("me:s3cret").serve() as proxy:
        with pytest.raises(NotInstalled, match="proxy wants a user name and a password") as caught:
            fetch(index, tmp_path / "none", SetupOptions(index=index.url, proxy=proxy.url))
        assert "QGIS" in caught.value.hint
        assert index.asked == []
        fetch(index, tmp_path / "given", SetupOptions(index=index.url, proxy=proxy.with_login()))
        assert names_in(tmp_path / "given") == sorted(NAMES)
        assert len(proxy.passed) >= len(NAMES)
        proxy.passed.clear()
        past = SetupOptions(index=index.url, proxy=proxy.with_login(), without_proxy=("127.0.0.1",))
        fetch(index, tmp_path / "past", past)
        assert proxy.passed == []


def test_a_proxy_that_is_not_there_and_a_socks_proxy_are_told(index: Index, tmp_path: Path) -> None:
    gone = SetupOptions(index="https://packages.example/simple", proxy="http://127.0.0.1:9")
    with pytest.raises(NotInstalled, match="The proxy does not answer"):
        fetch(index, tmp_path / "gone", gone)
    with pytest.raises(NotInstalled, match="SOCKS proxy") as caught:
        fetch(index, tmp_path / "socks", SetupOptions(index=index.url, proxy="socks5h://127.0.0.1:9"))
    assert "bundle" in caught.value.hint


def test_an_authority_of_the_firm_is_trusted_when_it_is_named_and_only_then(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, certificate, key = make_authority(tmp_path / "tls")
    with Index(index.wheels).serve((certificate, key)) as secured, Proxy("me:s3cret").serve() as proxy:
        with pytest.raises(NotInstalled, match="not trusted here") as caught:
            fetch(secured, tmp_path / "none", SetupOptions(index=secured.url))
        assert "PEM file" in caught.value.hint
        options = SetupOptions(
            index=secured.url, certificates=str(authority), proxy=proxy.with_login(), without_proxy=()
        )
        fetch(secured, tmp_path / "named", options)
        assert names_in(tmp_path / "named") == sorted(NAMES)
        # A pip before 24 hears this one before its own option.
        monkeypatch.setenv("CURL_CA_BUNDLE", str(certificate))
        fetch(secured, tmp_path / "beside", options)
        assert all(host.startswith("localhost:") for host in proxy.passed)


def test_named_authorities_are_trusted_beside_the_machines(
    tmp_path: Path, scratch_home: Path, bare: None
) -> None:
    own, others = make_authority(tmp_path / "own")[0], make_authority(tmp_path / "machine")[0]
    environ = {"SSL_CERT_FILE": str(others)}
    merged = networks.authorities(SetupOptions(certificates=str(own)), environ)
    assert merged is not None
    text = merged.read_text(encoding="utf-8")
    for file in (own, others):
        assert file.read_text(encoding="utf-8").strip() in text
    told = networks.network_variables(SetupOptions(certificates=str(own)), environ)
    assert told == {"SSL_CERT_FILE": str(merged)}
    assert networks.authorities(SetupOptions(), environ) is None
    (tmp_path / "no.pem").write_text("nothing", encoding="utf-8")
    for wrong, words in (
        (tmp_path / "no.pem", "no certificate"),
        (tmp_path / "absent.pem", "cannot be read"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            networks.authorities(SetupOptions(certificates=str(wrong)), environ)


def test_an_answer_that_is_cut_off_is_gone_on_with(index: Index, tmp_path: Path) -> None:
    big = "geofm_beta-1.0-py3-none-any.whl"
    index.cuts[big] = [BIG // 2]
    fetch(index, tmp_path / "fetched", SetupOptions(index=index.url))
    assert names_in(tmp_path / "fetched") == sorted(NAMES)
    assert index.files().count(big) == 2


def test_a_server_that_is_busy_is_asked_again(index: Index, tmp_path: Path) -> None:
    index.busy = 2
    fetch(index, tmp_path / "fetched", SetupOptions(index=index.url))
    assert names_in(tmp_path / "fetched") == sorted(NAMES)


def test_a_setup_that_was_cut_off_fetches_no_whole_file_again(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_TOGETHER", 1)
    gamma = "geofm_gamma-1.0-py3-none-any.whl"
    index.cuts[gamma] = [0] * 100
    options = SetupOptions(index=index.url)
    with pytest.raises(NotInstalled):
        fetch(index, tmp_path / "fetched", options)
    assert {"geofm_alpha", "geofm_beta"} <= set(names_in(tmp_path / "fetched"))
    index.cuts.clear()
    index.asked.clear()
    fetch(index, tmp_path / "fetched", options)
    assert index.files() == [gamma]
    assert names_in(tmp_path / "fetched") == sorted(NAMES)


def test_a_slow_download_tells_its_bytes_and_is_cancelled_at_once(index: Index, tmp_path: Path) -> None:
    index.pause = 0.3
    seen: list[tuple[int, int]] = []
    since: list[float] = []

    def cancelled() -> bool:
        partly = any(0 < done < total for done, total in seen)
        if partly and not since:
            since.append(time.monotonic())
        return partly

    pip = RealPip(SetupOptions(index=index.url), cancelled)
    with pytest.raises(Cancelled):
        packages.fetch(
            wanted(index),
            tmp_path / "fetched",
            pip,
            lambda done, total, text: seen.append((done, total)),
            bytes_of(index),
        )
    assert time.monotonic() - since[0] < 2
    index.pause = 0
    fetch(index, tmp_path / "fetched", SetupOptions(index=index.url))
    assert names_in(tmp_path / "fetched") == sorted(NAMES)


def test_another_file_than_the_list_names_is_refused(index: Index, tmp_path: Path) -> None:
    index.lies.add("geofm_gamma-1.0-py3-none-any.whl")
    with pytest.raises(NotInstalled, match="not the file that GeoFM's list names"):
        fetch(index, tmp_path / "fetched", SetupOptions(index=index.url))
    assert "geofm_gamma" not in names_in(tmp_path / "fetched")


def test_an_index_that_lacks_a_version_is_named_with_it(index: Index, tmp_path: Path) -> None:
    listed = packages.locked(the_list(index).replace("geofm_gamma==1.0", "geofm_gamma==9.9"))
    with pytest.raises(NotInstalled, match=r"has no geofm_gamma==9\.9") as caught:
        packages.fetch(listed, tmp_path / "f", RealPip(SetupOptions(index=index.url)), lambda *_: None)
    assert "every version" in caught.value.hint


def test_an_index_that_is_not_there_is_told(index: Index, tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="does not answer"):
        fetch(index, tmp_path / "a", SetupOptions(index="http://127.0.0.1:9/simple"))
    with pytest.raises(NotInstalled, match="leads nowhere from here"):
        fetch(index, tmp_path / "b", SetupOptions(index="https://no-such-host.invalid/simple"))
    with pytest.raises(NotInstalled, match="without encryption"):
        fetch(index, tmp_path / "c", SetupOptions(index="http://no-such-host.invalid/simple"))


def test_lists_are_read_as_pip_reads_them() -> None:
    a, b = "a" * 64, "b" * 64
    text = (
        "# Made by make locks\n--only-binary :all:\n\n"
        f'first-one==1.2.3 ; python_version < "3.12" \\\n    --hash=sha256:{a} \\\n    --hash=sha256:{b}\n'
        "    # via second\n"
        f"second[extra]==2.0+cpu --hash=sha256:{b}  # why\n"
    )
    first, second = packages.locked(text)
    assert first == packages.Package("first-one", "1.2.3", frozenset({a, b}), '; python_version < "3.12"')
    assert first.line == f'first-one==1.2.3 ; python_version < "3.12" --hash=sha256:{a} --hash=sha256:{b}'
    assert (second.name, second.version, second.digests) == ("second", "2.0+cpu", frozenset({b}))


def test_folders_that_pip_removes_while_bytes_are_counted(tmp_path: Path, index: Index) -> None:
    """pip unpacks into folders of its own, and takes them away whenever it likes."""

    def pip(words: Sequence[str], variables: Mapping[str, str], tick: Callable[[], None]) -> object:
        done = threading.Event()

        def unpack() -> None:
            for number in range(600):
                folder = Path(variables["TMPDIR"]) / f"pip-{number}" / "inner"
                folder.mkdir(parents=True)
                shutil.rmtree(folder.parent)
            done.set()

        threading.Thread(target=unpack).start()
        while not done.is_set():
            tick()
        raise Cancelled("Enough.")

    with pytest.raises(Cancelled, match="Enough"):
        packages.fetch(wanted(index), tmp_path / "fetched", pip, lambda *_: None)
