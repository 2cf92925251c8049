"""QGIS's proxy, exceptions and authorities reach the engine and its set-up, and no dialog is opened."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsSettings
from qgis.PyQt.QtNetwork import QSslCertificate

from geofm.algorithms import session
from geofm.algorithms.network import network_options
from geofm.inference.client import close_shared_engine
from geofm.inference.environment import SetupOptions, options


@pytest.fixture
def proxy(qgis_app: Any, monkeypatch: pytest.MonkeyPatch, scratch_home: Path) -> Iterator[QgsSettings]:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    settings = QgsSettings()
    settings.remove("proxy")
    yield settings
    settings.remove("proxy")


def _enter(settings: QgsSettings, **values: object) -> None:
    entered = {
        "proxyEnabled": True, "proxyType": "HttpProxy", "proxyHost": "proxy.example", "proxyPort": "3128",
        **values,
    }
    for key, value in entered.items():
        settings.setValue(f"proxy/{key}", value)


def test_a_proxy_that_is_switched_off_does_not_count(proxy: QgsSettings) -> None:
    _enter(proxy, proxyEnabled=False, noProxyUrls=["http://intranet.example"])
    assert network_options() == SetupOptions()


def test_qgis_proxy_reaches_the_engine(proxy: QgsSettings) -> None:
    _enter(
        proxy, proxyUser="me", proxyPassword="p@ss/word",
        noProxyUrls=["http://intranet.example/x", "localhost"],
    )
    address = "http://me:p%40ss%2Fword@proxy.example:3128"
    assert network_options().proxy == address
    assert network_options().without_proxy == ("intranet.example", "localhost")
    settings = session.engine().settings
    assert settings.environment == {
        "http_proxy": address, "https_proxy": address, "no_proxy": "intranet.example,localhost",
    }
    assert "word" not in repr(settings)
    assert "word" not in repr(network_options())
    close_shared_engine()


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("HttpProxy", "http://proxy.example:3128"),
        ("HttpCachingProxy", "http://proxy.example:3128"),
        ("Socks5Proxy", "socks5h://proxy.example:3128"),
        ("FtpCachingProxy", ""),
        ("DefaultProxy", ""),
        ("", ""),
    ],
)
def test_every_kind_of_proxy_is_what_qgis_means_by_it(proxy: QgsSettings, kind: str, address: str) -> None:
    _enter(proxy, proxyType=kind)
    assert network_options().proxy == address


def test_the_default_proxy_is_the_systems(proxy: QgsSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:a%2Fb@systems.example:8080")
    _enter(proxy, proxyType="DefaultProxy")
    assert network_options().proxy == "http://me:a%2Fb@systems.example:8080"


@pytest.fixture
def store(qgis_app: Any) -> Iterator[Any]:
    """QGIS's authentication store, open, with a login for the proxy in it."""
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("master", True)
    login = QgsAuthMethodConfig()
    login.setName("proxy")
    login.setMethod("Basic")
    login.setConfig("username", "kept")
    login.setConfig("password", "s3cret")
    assert manager.storeAuthenticationConfig(login)
    yield manager, login.id()
    manager.setMasterPassword("master", True)
    manager.removeAuthenticationConfig(login.id())


def test_a_login_in_the_store_counts_while_the_store_is_open(proxy: QgsSettings, store: Any) -> None:
    manager, login = store
    _enter(proxy, authcfg=login)
    assert network_options().proxy == "http://kept:s3cret@proxy.example:3128"
    manager.clearMasterPassword()
    # Asking for it would open a dialog, and this test would wait for ever.
    assert network_options().proxy == "http://proxy.example:3128"


def test_authorities_of_qgis_reach_the_engine(proxy: QgsSettings, tmp_path: Path, scratch_home: Path) -> None:
    assert network_options().certificates == ""
    key, file = tmp_path / "key.pem", tmp_path / "authority.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=own authority", "-addext", "basicConstraints=critical,CA:TRUE",
         "-keyout", str(key), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    manager = QgsApplication.authManager()
    authority = QSslCertificate(file.read_bytes())
    assert manager.storeCertAuthority(authority)
    try:
        manager.rebuildCaCertsCache()
        manager.rebuildTrustedCaCertsCache()
        found = network_options().certificates
        assert Path(found).read_text(encoding="utf-8").split() == file.read_text(encoding="utf-8").split()
        given = session.engine().settings.environment["SSL_CERT_FILE"]
        trusted = Path(given).read_text(encoding="utf-8")
        assert file.read_text(encoding="utf-8").strip() in trusted
        assert trusted.count("BEGIN CERTIFICATE") > 1
    finally:
        manager.removeCertAuthority(authority)
        manager.rebuildCaCertsCache()
        manager.rebuildTrustedCaCertsCache()
        close_shared_engine()


def test_what_was_chosen_for_the_set_up_counts_before_qgis_settings(proxy: QgsSettings) -> None:
    _enter(proxy)
    SetupOptions(proxy="http://chosen.example:80").save()
    assert options.load().proxy == "http://chosen.example:80"
    assert session.engine().settings.environment["https_proxy"] == "http://chosen.example:80"
    close_shared_engine()
