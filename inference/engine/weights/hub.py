"""Hugging Face's hub: what it says of a file, and the token that gated models ask for.

``huggingface_hub`` knows the hub's addresses, headers and error codes; the bytes come by
:mod:`.download`, as from everywhere else (docs/decisions.md says why).
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .... import __version__
from ...addresses import HUB, HubAddress
from ...errors import GeoFMError, ModelCorrupt, ModelMissing
from .download import TRIES, wait_before_try
from .network import Check, aside, host_of, refuse_socks, trust, untrusted

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

# Words about tokens, no tokens.
TOKEN_VARIABLE = "HF_TOKEN"  # nosec B105
_ENDPOINT_VARIABLE = "HF_ENDPOINT"
_TOKEN_PLACE = "Give the token on the page Models, or in the variable HF_TOKEN."  # nosec B105
_TOKENS = "https://huggingface.co/settings/tokens"
_TOKEN = re.compile(r"[!-~]{1,1000}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_TIMEOUT_S = 10.0

_given = ""


@dataclass(frozen=True)
class HubFile:
    """What the hub says of a file.

    Attributes:
        url: where its bytes are, of this commit for ever.
        commit: what the revision stands for now.
        sha256: digest of a large file, empty for one that the hub keeps in git itself.
        size: bytes, None if it does not say.
    """

    url: str
    commit: str
    sha256: str
    size: int | None


def give_token(token: str) -> None:
    """Use this token from now on; an empty one forgets it. It stays in this process's memory."""
    global _given
    _given = token.strip()


def token_for(url: str) -> str:
    """The token to send to an address of the hub: the one given, else that of ``HF_TOKEN``.

    The file in which Hugging Face's own programs keep a login is not read. Nothing is sent in the clear
    but to this machine itself.

    Raises:
        ModelMissing: if it cannot be a token, without showing it.
    """
    token = _given or os.environ.get(TOKEN_VARIABLE, "").strip()
    parts = urlsplit(url)
    if not token or not (parts.scheme == "https" or parts.hostname in _LOOPBACK):
        return ""
    if not _TOKEN.fullmatch(token):
        raise ModelMissing("The token of Hugging Face holds characters that no token has.", _TOKEN_PLACE)
    return token


def look(address: HubAddress, check: Check) -> HubFile:
    """Ask the hub (``HF_ENDPOINT`` in its place) which bytes an address stands for now.

    Args:
        check: called a few times a second; what it raises ends the wait.

    Raises:
        ModelMissing: if there is no such file, it is not for everyone, or the hub cannot be reached.
        ModelCorrupt: if the hub answers with another commit than the one asked for.
    """
    from huggingface_hub import hf_hub_url, is_offline_mode

    if is_offline_mode():
        raise ModelMissing("HF_HUB_OFFLINE forbids questions to the hub.", "Remove the variable to download.")
    endpoint = os.environ.get(_ENDPOINT_VARIABLE, "").strip().rstrip("/") or f"https://{HUB}"

    def url(revision: str) -> str:
        return hf_hub_url(address.repo, address.path, revision=revision, endpoint=endpoint)

    question = _Question(address, url(address.revision), f"{endpoint}/{address.repo}")
    told = question.answer(check)
    if not told.commit_hash:
        raise ModelMissing(
            f"{host_of(question.url)} does not answer as a hub.",
            "Check HF_ENDPOINT and the proxy settings.",
            question.url,
        )
    if address.pinned and told.commit_hash != address.revision:
        raise ModelCorrupt(
            f"{address.repo} came with another commit than its card names.",
            "Check HF_ENDPOINT.",
            question.url,
        )
    sha256 = told.etag if told.etag and _SHA256.fullmatch(told.etag) else ""
    return HubFile(url(told.commit_hash), told.commit_hash, sha256, told.size)


@dataclass(frozen=True)
class _Question:
    """What is asked of the hub.

    Attributes:
        address: of the file.
        url: the same on the hub that is used.
        page: of its repository, for people.
    """

    address: HubAddress
    url: str
    page: str

    def answer(self, check: Check) -> HfFileMetadata:
        """Asked again where the network or the server failed for the moment."""
        token = token_for(self.url)
        refuse_socks(self.url)
        for tries in range(1, TRIES + 1):
            try:
                return aside(lambda: self._ask(token), check)
            except _PassingError as error:
                if tries == TRIES:
                    raise error.sentence from error
                wait_before_try(tries, check)
        raise AssertionError("the last try either answers or raises")

    def _ask(self, token: str) -> HfFileMetadata:
        import httpx2
        from huggingface_hub import get_hf_file_metadata, set_client_factory
        from huggingface_hub.errors import HfHubHTTPError

        # A client of our own: the certificates that the bytes come with, and the proxy of today.
        set_client_factory(lambda: httpx2.Client(verify=trust(), timeout=_TIMEOUT_S))
        try:
            return get_hf_file_metadata(
                self.url,
                token=token or False,
                timeout=_TIMEOUT_S,
                # In place of its own, which tells the versions of Python and torch.
                headers={"user-agent": f"GeoFM/{__version__}"},
            )
        except HfHubHTTPError as error:
            raise self._refused(error, token) from None
        except (httpx2.TransportError, httpx2.TooManyRedirects) as error:
            raise self._unreachable(error) from None

    def _refused(self, error: Any, token: str) -> Exception:
        """The hub's refusal as one sentence; its own words without the token, should they repeat it."""
        status, said = error.response.status_code, str(error)
        detail = said.replace(token, "(token)") if token else said
        code = error.response.headers.get("X-Error-Code", "")
        repo, revision = self.address.repo, self.address.revision
        if code == "GatedRepo" and not token:
            return ModelMissing(
                f"{repo} is gated: access is asked for at {self.page}.",
                f"Ask there, then make a token at {_TOKENS}. {_TOKEN_PLACE}",
                detail,
            )
        if code == "GatedRepo":
            return ModelMissing(
                f"{repo} is gated, and the token in use has no access: it is asked for at {self.page}.",
                f"Ask there, or use the token of an account that has access. {_TOKEN_PLACE}",
                detail,
            )
        if status == 401 and token:
            return ModelMissing("The hub does not accept the token.", _TOKEN_PLACE, detail)
        if status in (401, 403) or code == "RepoNotFound":
            return ModelMissing(
                f"The hub has no model {repo}, or it is private ({self.page}).",
                f"A private model needs the token of an account with access. {_TOKEN_PLACE}",
                detail,
            )
        missing = {
            "EntryNotFound": f"{repo} has no file {self.address.path} at {revision}.",
            "RevisionNotFound": f"{repo} has no revision {revision}.",
        }
        if code in missing:
            return ModelMissing(missing[code], "The card may be out of date.", detail)
        sentence = ModelMissing(f"{host_of(self.url)} answered {status} for {self.address.path}.", "", detail)
        return _PassingError(sentence) if status in (408, 429) or status >= 500 else sentence

    def _unreachable(self, error: Exception) -> Exception:
        import httpx2

        if isinstance(error, httpx2.ProxyError):
            return ModelMissing(
                f"The proxy on the way to {host_of(self.url)} refused.",
                "Check the proxy settings.",
                str(error),
            )
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return untrusted(self.url, cause)
            cause = cause.__cause__ or cause.__context__
        return _PassingError(
            ModelMissing(
                f"{host_of(self.url)} cannot be reached.",
                "Check the network and the proxy settings.",
                f"{self.url}: {type(error).__name__}: {error}",
            )
        )


class _PassingError(Exception):
    """A failure that may be over in a moment; ``sentence`` says it if it is not."""

    def __init__(self, sentence: GeoFMError) -> None:
        super().__init__(sentence.message)
        self.sentence = sentence
