"""Whose certificates are believed: the system's authorities for everybody, less for the hosts that are excepted by name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import aiohttp

from wireroom.certificates import remedy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.certificates import Exemption

_NO_CHECK_TIME = 0x200000
"""OpenSSL's ``X509_V_FLAG_NO_CHECK_TIME``, for which the ssl module has no name."""

CertificateProblem = aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch


class Trust:
    """Says by which certificates a host is known."""

    def __init__(self, tls: ssl.SSLContext | None, exemptions: Mapping[str, Exemption]) -> None:
        """Make what the exceptions need. Reads the authorities from the disk.

        Args:
            tls: trust other than the system's; it must verify.
            exemptions: by host.

        Raises:
            ValueError: the trust given does not verify.
        """
        if tls is not None and not (tls.check_hostname and tls.verify_mode is ssl.CERT_REQUIRED):
            raise ValueError("the TLS context must verify certificates and host names")
        self._all = tls
        self._exempt = {host: self._context(one) for host, one in exemptions.items()}

    def of(self, host: str | None) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
        """What aiohttp's ``ssl`` is for a request to a host."""
        return self._exempt.get(host or "", True if self._all is None else self._all)

    def excepts(self, host: str | None) -> bool:
        """Whether something is not asked of a host's certificate."""
        return host in self._exempt

    def _context(self, one: Exemption) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
        if one.digest is not None:
            return aiohttp.Fingerprint(one.digest)
        if one.excepted == "any":
            return False
        context = ssl.create_default_context()
        context.set_alpn_protocols(("http/1.1",))
        if self._all is not None and (authorities := b"".join(self._all.get_ca_certs(binary_form=True))):
            context.load_verify_locations(cadata=authorities)
        if one.excepted == "name":
            context.check_hostname = False
        else:
            context.verify_flags |= _NO_CHECK_TIME
        return context


def why_refused(exc: CertificateProblem) -> str:
    """What is wrong with a certificate, and what to set where it is to be taken all the same."""
    if isinstance(exc, aiohttp.ServerFingerprintMismatch):
        return f"{exc.host} has another certificate than the one pinned in fetch_tls_exceptions: sha256:{exc.got.hex()}"
    cause = exc.certificate_error
    said = str(getattr(cause, "verify_message", "") or cause).strip(" .")[:120]
    hint = remedy(exc.host, getattr(cause, "verify_code", 0))
    return f"the certificate of {exc.host} is not valid: {said}. To take it all the same, add {hint} to fetch_tls_exceptions"
