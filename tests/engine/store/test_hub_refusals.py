"""What the hub and the way to it refuse: gated models, wrong tokens, missing files, proxies, certificates."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from servers import (
    FIRST,
    PAYLOAD,
    Hub,
    Source,
    context,
    everything_in,
    hub_card,
    job_with_hub_weights,
    serving,
)

from geofm.inference.client import Engine, EngineSettings
from geofm.inference.engine.weights.hub import give_token, token_for
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import GeoFMError, ModelMissing

TOKEN = "hf_aVerySecretToken"


def refusal(tmp_path: Path, revision: str = "main", path: str = "net.onnx") -> ModelMissing:
    """Why a file of the hub could not be had."""
    card = hub_card(tmp_path, revision, path)
    with pytest.raises(ModelMissing) as caught:
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert everything_in(tmp_path / "home") == []
    error = caught.value
    assert TOKEN not in f"{error} {error.detail}"
    assert "\n" not in error.message
    return error


def test_a_gated_model_says_where_access_is_asked_for_and_where_the_token_goes(
    hub: Hub, tmp_path: Path
) -> None:
    hub.gate = {"hf_other"}
    error = refusal(tmp_path)
    assert error.message == f"ada/toy-net is gated: access is asked for at {hub.url}/ada/toy-net."
    assert "page Models" in error.hint
    assert "HF_TOKEN" in error.hint
    assert "https://huggingface.co/settings/tokens" in error.hint


def test_a_token_without_access_is_told_so(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gate, hub.known = {"hf_other"}, {TOKEN}
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert "the token in use has no access" in refusal(tmp_path).message


def test_a_token_with_access_opens_the_gate_and_stays_on_the_hub(
    hub: Hub, source: Source, tmp_path: Path
) -> None:
    hub.gate, hub.known = {TOKEN}, {TOKEN}
    heard: list[str] = []
    answer = source.answer

    def listen(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.headers.get("Authorization", ""))
        answer(handler)

    card = hub_card(tmp_path)
    give_token(TOKEN)
    with serving(listen) as source.url:
        assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert {asked.token for asked in hub.asked} == {TOKEN}
    assert heard == [""], "another address gets no token"


def test_a_token_follows_a_model_to_its_new_name(hub: Hub, tmp_path: Path) -> None:
    hub.gate, hub.known = {TOKEN}, {TOKEN}
    give_token(TOKEN)
    card = hub_card(tmp_path, href="https://huggingface.co/ada/old-net/resolve/main/net.onnx")
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_token_that_was_forgotten_is_not_sent(hub: Hub, tmp_path: Path) -> None:
    hub.gate, hub.known = {TOKEN}, {TOKEN}
    give_token(TOKEN)
    give_token("")
    assert "is gated" in refusal(tmp_path).message
    assert {asked.token for asked in hub.asked} == {""}


def test_a_login_of_other_programs_is_left_alone(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    card = hub_card(tmp_path)
    Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert {asked.token for asked in hub.asked} == {""}


def test_a_token_the_hub_does_not_know(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert refusal(tmp_path).message == "The hub does not accept the token."


@pytest.mark.parametrize("token", ["hf_two words", "hf_two\nlines", "hf_\N{SNOWMAN}", "x" * 1001])
def test_what_cannot_be_a_token_is_not_sent_and_not_shown(hub: Hub, tmp_path: Path, token: str) -> None:
    give_token(token)
    error = refusal(tmp_path)
    assert "characters that no token has" in error.message
    assert token not in f"{error} {error.detail}"
    assert hub.asked == []


def test_a_token_goes_nowhere_in_the_clear_but_to_this_machine() -> None:
    give_token(TOKEN)
    assert token_for("https://huggingface.co/ada/toy-net") == TOKEN
    assert token_for("http://localhost:9/ada/toy-net") == TOKEN
    assert token_for("http://hub.example.org/ada/toy-net") == ""


@pytest.mark.parametrize(
    ("revision", "path", "said"),
    [
        ("main", "other.onnx", r"ada/toy-net has no file other\.onnx at main"),
        ("v9", "net.onnx", r"ada/toy-net has no revision v9"),
        ("3" * 40, "net.onnx", r"ada/toy-net has no revision 333"),
    ],
)
def test_what_is_not_there_is_named(hub: Hub, tmp_path: Path, revision: str, path: str, said: str) -> None:
    error = refusal(tmp_path, revision, path)
    with pytest.raises(ModelMissing, match=said):
        raise error
    assert "out of date" in error.hint


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_model_that_is_not_there_or_private(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    hub.known = {TOKEN}
    give_token(token)
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/mirror")
    assert "no model ada/toy-net, or it is private" in refusal(tmp_path).message


def test_what_is_no_hub_is_told_so(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", source.url)
    assert "does not answer as a hub" in refusal(tmp_path).message


def test_a_mirror_with_another_commit_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.files["3" * 40] = hub.files[FIRST]
    serve = hub._serve
    hub._serve = lambda handler, commit, path: serve(handler, FIRST, path)  # type: ignore[method-assign]
    card = hub_card(tmp_path, "3" * 40)
    with pytest.raises(GeoFMError, match="another commit"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])


def test_the_variable_that_keeps_the_library_offline_counts(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refusal(tmp_path).message
    assert hub.asked == []


def test_no_hub_at_all_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert refusal(tmp_path).message == "127.0.0.1 cannot be reached."


def test_a_proxy_that_refuses_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(handler: BaseHTTPRequestHandler) -> None:
        handler.send_error(407)

    with serving(no) as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("//", "//ada:hf_aVerySecretToken@"))
        monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
        assert "proxy on the way to hub.example.org refused" in refusal(tmp_path).message


def test_a_socks_proxy_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5h://127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    assert "SOCKS" in refusal(tmp_path).message


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate that vouches for itself, and a server's side of it."""
    folder = tmp_path_factory.mktemp("tls")
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", *made, *name, "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("needs the program openssl to make a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


@pytest.fixture
def secure_hub(
    source: Source, authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hub]:
    state = Hub(source)
    with (
        serving(state.answer, authority[1]) as state.url,
        serving(source.answer, authority[1]) as source.url,
    ):
        monkeypatch.setenv("HF_ENDPOINT", state.url)
        yield state


@pytest.mark.usefixtures("secure_hub")
def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_way_out(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.message == "The certificate of 127.0.0.1 is not trusted here."
    assert "SSL_CERT_FILE" in error.hint


@pytest.mark.usefixtures("secure_hub")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_private_authority_is_trusted_where_it_is_named(
    tmp_path: Path, authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority[0]))
    card = hub_card(tmp_path)
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


@pytest.mark.usefixtures("secure_hub")
def test_an_authority_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    assert "REQUESTS_CA_BUNDLE" in refusal(tmp_path).message


# --- the token on its way through the real engine ---------------------------------------------


def everything_written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def gated(hub: Hub, scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A gated model in the catalogue of a GEOFM_HOME."""
    hub.gate, hub.known = {TOKEN}, {TOKEN, "hf_other"}
    (scratch_home / "models").mkdir()
    hub_card(scratch_home / "models")
    monkeypatch.delenv("GEOFM_MODELS")
    return hub


def test_a_token_given_over_the_wire_is_written_nowhere(
    gated: Hub, scratch_home: Path, engine_python: Path
) -> None:
    said = []
    with Engine(EngineSettings(str(engine_python))) as engine:
        for token in ("", "hf_other"):
            engine.authorize(token)
            with pytest.raises(ModelMissing, match="gated") as caught:
                engine.call("models.fetch", {"model": "toy"}).result(60)
            said.append(str(caught.value.to_wire()))
        engine.authorize(TOKEN)
        engine.call("models.fetch", {"model": "toy"}).result(60)
        command = Path(f"/proc/{engine.pid}")
        shown = (command / "cmdline").read_bytes() + (command / "environ").read_bytes()
    assert TOKEN.encode() not in shown
    assert [asked.token for asked in gated.asked] == ["", "hf_other", TOKEN, TOKEN]
    written = everything_written(scratch_home)
    assert "engine.log" in written
    assert "models/toy/net.onnx" in written
    for token in (TOKEN, "hf_other"):
        assert not [name for name, content in written.items() if token.encode() in content]
        assert token not in "".join(said)


def test_runs_that_fail_and_succeed_leave_no_token(
    gated: Hub, scratch_home: Path, tmp_path: Path, models: Path, engine_python: Path
) -> None:
    job, digest = job_with_hub_weights(tmp_path, gated, models)
    with Engine(EngineSettings(str(engine_python))) as engine:
        engine.authorize("hf_other")
        with pytest.raises(ModelMissing, match="no access"):
            engine.submit(job).job_result(120)
        engine.authorize(TOKEN)
        answer = engine.submit(job).result(120)
    written = {**everything_written(tmp_path), **everything_written(scratch_home)}
    assert {"features.tif", "features.tif.job.json", "engine.log"} <= written.keys()
    assert digest.encode() in written["features.tif"]
    for token in (TOKEN, "hf_other"):
        assert not [name for name, content in written.items() if token.encode() in content]
        assert token not in str(answer)


def test_a_new_engine_gets_the_token_anew(gated: Hub, scratch_home: Path, engine_python: Path) -> None:
    with Engine(EngineSettings(str(engine_python))) as engine:
        engine.authorize(TOKEN)
        engine.call("models.verify", {"model": "spectral-texture"}).result(60)
        engine._process.kill()  # type: ignore[union-attr]
        assert engine.call("models.fetch", {"model": "toy"}).result(60)


@pytest.mark.parametrize(("token", "code"), [("hf_other", 1), (TOKEN, 0)])
def test_the_command_door_takes_the_token_from_its_variable(
    gated: Hub, scratch_home: Path, plugins: Path, engine_python: Path, token: str, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "geofm", "models", "pull", "toy"],
        env={**os.environ, "HF_TOKEN": token, "PYTHONPATH": str(plugins)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert ("gated" in done.stderr) == bool(code)
    assert token not in done.stdout + done.stderr
    assert not [name for name, text in everything_written(scratch_home).items() if token.encode() in text]


def test_a_token_of_a_wrong_type_is_refused_without_being_repeated(engine_python: Path) -> None:
    with Engine(EngineSettings(str(engine_python))) as engine:
        with pytest.raises(GeoFMError, match="must be a text") as caught:
            engine.call("authorize", {"token": [TOKEN]}).result(60)
        assert TOKEN not in str(caught.value.to_wire())
