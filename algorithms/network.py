"""What QGIS's settings say of the network, for the engine and its set-up: proxy, exceptions, authorities.

No dialog is ever opened: a login in QGIS's authentication store counts where the store is open.
"""

from __future__ import annotations

import os
import sys

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

from ..inference.environment import SetupOptions
from ..inference.places import data_home

_KINDS = {
    "HttpProxy": QNetworkProxy.ProxyType.HttpProxy,
    # A cache for HTTP; one for FTP (FtpCachingProxy) is no way to anything that GeoFM fetches.
    "HttpCachingProxy": QNetworkProxy.ProxyType.HttpProxy,
    "Socks5Proxy": QNetworkProxy.ProxyType.Socks5Proxy,
}
_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}
# Scripts that choose a proxy by address want one; any that is outside serves.
_OUTSIDE = "https://packages.example/"


def network_options() -> SetupOptions:
    """The proxy, the hosts that are reached without it, and the authorities of QGIS; the rest is empty."""
    return SetupOptions(proxy=_proxy(), without_proxy=_without_proxy(), certificates=_certificates())


def _enabled() -> bool:
    return bool(QgsSettings().value("proxy/proxyEnabled", False, type=bool))


def _proxy() -> str:
    """The address of the proxy, with its login; empty where QGIS uses none, or none for HTTP."""
    if not _enabled():
        return ""
    settings = QgsSettings()
    kind = settings.value("proxy/proxyType", "", type=str)
    if kind == "DefaultProxy":
        found = QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(_OUTSIDE)))
        return _address(found[0]) if found else ""
    if kind not in _KINDS:
        return ""
    port = settings.value("proxy/proxyPort", "", type=str)
    proxy = QNetworkProxy(
        _KINDS[kind],
        settings.value("proxy/proxyHost", "", type=str),
        int(port) if port.isdigit() else 0,
        settings.value("proxy/proxyUser", "", type=str),
        settings.value("proxy/proxyPassword", "", type=str),
    )
    stored = settings.value("proxy/authcfg", "", type=str)
    manager = QgsApplication.authManager()
    # Where the store is locked, asking for the login would open a dialog.
    if stored and manager.masterPasswordIsSet():
        known, completed = manager.updateNetworkProxy(proxy, stored)
        proxy = completed if known else proxy
    return _address(proxy)


def _address(proxy: QNetworkProxy) -> str:
    scheme = _SCHEMES.get(proxy.type())
    if not scheme or not proxy.hostName():
        return ""
    url = QUrl()
    url.setScheme(scheme)
    url.setHost(proxy.hostName())
    if proxy.port():
        url.setPort(proxy.port())
    # An empty name is not none to QUrl: it writes the colon and the at sign.
    if proxy.user():
        url.setUserName(proxy.user())
    if proxy.password():
        url.setPassword(proxy.password())
    return url.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _without_proxy() -> tuple[str, ...]:
    if not _enabled():
        return ()
    excluded = QgsSettings().value("proxy/noProxyUrls", [], type=list) or []
    return tuple(QUrl(entry).host() or entry for entry in excluded if entry)


def _certificates() -> str:
    """A file with what QGIS trusts; empty where that is no more than what everything here trusts.

    On Windows and macOS it holds the system's authorities too: pip before 24.2 does not look for them, and a
    proxy that opens traffic has its own among them.
    """
    manager = QgsApplication.authManager()
    if manager.isDisabled():
        return ""
    trusted = manager.trustedCaCertsCache()
    if sys.platform not in ("win32", "darwin"):
        own = [*manager.databaseCAs(), *manager.extraFileCAs()]
        digests = {bytes(certificate.digest()) for certificate in own}
        trusted = [certificate for certificate in trusted if bytes(certificate.digest()) in digests]
    text = b"".join(bytes(certificate.toPem()) for certificate in trusted)
    target = data_home() / "qgis-certificates.pem"
    if not text:
        return ""
    if not target.is_file() or target.read_bytes() != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        part.write_bytes(text)
        os.replace(part, target)
    return str(target)
