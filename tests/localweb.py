"""A web of many hosts on 127.0.0.0/8: real sockets and real HTTP, pages one can program, a log, and faults.

It runs in a thread of its own, so that tests of coroutines, of threads and of other processes can use it alike::

    with LocalWeb() as web:
        site = web.site()                       # 127.0.0.2, a free port
        site.page("/news", "<p>…</p>", etag='"1"')
        site.robots("User-agent: *\\nDisallow: /private")
        site.redirect("/old", "/news")
        …fetch site.url("/news")…
        assert [hit.path for hit in site.log] == ["/robots.txt", "/news"]
        broken = web.raw(silent)                # a server that speaks no HTTP, see the functions below
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ipaddress
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import brotli
import pytest
import zstandard
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Headers = "Mapping[str, str] | None"


def _deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": _deflate_raw,
    "br": lambda data: brotli.compress(data, quality=5, lgwin=24),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}
"""How a page is packed, by the name given as ``coding``."""


@dataclass(slots=True)
class Hit:
    """One request as the server saw it. Times are `time.monotonic`: the same clock in every process of a machine."""

    path: str
    method: str
    headers: Mapping[str, str]
    began: float
    ended: float | None = None


@dataclass(slots=True)
class Site:
    """One host and port with pages of its own. Pages may be added and changed while it runs."""

    ip: str
    port: int
    scheme: str = "http"
    log: list[Hit] = field(default_factory=list)
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _otherwise: Handler | None = None

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.ip}:{self.port}"

    def url(self, path: str = "/") -> str:
        return self.origin + path

    def on(self, path: str, handler: Handler) -> str:
        """Answer a path, without its query, by a coroutine. Gives the URL, as all of these do."""
        self._handlers[path] = handler
        return self.url(path)

    def otherwise(self, handler: Handler) -> None:
        """Answer every path that has no answer of its own by a coroutine, instead of 404."""
        self._otherwise = handler

    def page(
        self,
        path: str,
        body: str | bytes = "",
        *,
        status: int = 200,
        kind: str = "text/html; charset=utf-8",
        headers: Headers = None,
        etag: str | None = None,
        last_modified: str | None = None,
        coding: str | None = None,
        delay: float = 0.0,
    ) -> str:
        """A page; with a validator it answers conditional requests, with a delay it takes its time."""
        data = body.encode() if isinstance(body, str) else body
        fields = {"Content-Type": kind, **(headers or {})}
        fields |= {"ETag": etag} if etag else {}
        fields |= {"Last-Modified": last_modified} if last_modified else {}
        if coding:
            data = PACK[coding](data)
            fields["Content-Encoding"] = coding.removeprefix("raw ")

        async def answer(request: web.Request) -> web.Response:
            if delay:
                await asyncio.sleep(delay)
            known = etag and request.headers.get("If-None-Match") == etag
            since = last_modified and request.headers.get("If-Modified-Since") == last_modified
            if known or since:
                return web.Response(status=304, headers=fields)
            return web.Response(body=data, status=status, headers=fields)

        return self.on(path, answer)

    def robots(self, text: str | bytes, *, status: int = 200, headers: Headers = None) -> str:
        return self.page("/robots.txt", text, status=status, kind="text/plain", headers=headers)

    def redirect(self, path: str, to: str, *, status: int = 302) -> str:
        return self.page(path, status=status, headers={"Location": to})

    def hits(self, path: str) -> list[Hit]:
        return [hit for hit in self.log if hit.path == path]

    def gaps(self) -> list[float]:
        """Seconds from the beginning of each request to the beginning of the next."""
        times = sorted(hit.began for hit in self.log)
        return [after - before for before, after in itertools.pairwise(times)]

    def most_at_once(self) -> int:
        """The largest number of requests that were under way at the same time."""
        steps = [(hit.began, 1) for hit in self.log] + [(hit.ended, -1) for hit in self.log if hit.ended]
        running = most = 0
        for _, step in sorted(steps):
            running += step
            most = max(most, running)
        return most

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        hit = Hit(request.raw_path, request.method, request.headers.copy(), time.monotonic())
        self.log.append(hit)
        try:
            handler = self._handlers.get(request.raw_path.partition("?")[0], self._otherwise)
            return web.Response(status=404) if handler is None else await handler(request)
        finally:
            hit.ended = time.monotonic()


@dataclass(slots=True)
class RawSite:
    """A host and port behind which there is no HTTP server."""

    ip: str
    port: int
    connections: int = 0

    @property
    def origin(self) -> str:
        return f"http://{self.ip}:{self.port}"

    def url(self, path: str = "/") -> str:
        return self.origin + path


class LocalWeb:
    """Hosts that live as long as the context is open."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        """Names and their addresses, for `lookup`."""
        self._sites: dict[tuple[str, int], Site] = {}
        self._addresses = (f"127.0.{n >> 8}.{n & 255}" for n in range(2, 65000))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="localweb", daemon=True)
        self._closing = contextlib.AsyncExitStack()
        self._runner: web.ServerRunner
        self._tasks: set[asyncio.Task[Any]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def site(self, ip: str | None = None, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Site:
        """A new host; without an address, one that no other has."""
        ip = ip or next(self._addresses)
        listening = _listen(ip, port)
        site = Site(ip, listening.getsockname()[1], "https" if tls else "http")
        self._sites[site.ip, site.port] = site
        self._do(web.SockSite(self._runner, listening, ssl_context=tls).start())
        return site

    def raw(self, handler: Raw, ip: str | None = None) -> RawSite:
        """A new host that answers each connection by a coroutine over plain streams."""
        listening = _listen(ip or next(self._addresses), 0)
        site = RawSite(*listening.getsockname()[:2])

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            site.connections += 1
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                with contextlib.suppress(
                    ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
                ):
                    await handler(reader, writer)
            finally:
                self._tasks.discard(task)
                writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

        async def start() -> None:
            server = await asyncio.start_server(serve, sock=listening)
            self._closing.push_async_callback(_stop, server)

        self._do(start())
        return site

    def lookup(self, host: str) -> list[str]:
        """The addresses of a name in `names`, as a resolver gives them."""
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]

    async def _open(self) -> None:
        server = web.Server(self._dispatch, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        self._closing.push_async_callback(self._runner.cleanup)

    async def _close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._closing.aclose()
        await self._loop.shutdown_asyncgens()

    async def _dispatch(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        place = request.transport.get_extra_info("sockname")[:2]
        return await self._sites[place]._answer(request)  # type: ignore[arg-type]  # noqa: SLF001 - one house

    def _do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


def _listen(ip: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ipaddress.ip_address(ip).version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((ip, port))
    return listening


def certificate(
    folder: Path, *ips: str, valid: tuple[str, str] | None = None
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A fresh self-signed certificate for addresses: the server's context, and a client's that trusts it.

    ``valid`` is its first and its last second, ``YYYYMMDDHHMMSSZ``; without it, two days from now.
    """
    if shutil.which("openssl") is None:
        pytest.skip("a certificate is made by the openssl command, which is not here")
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = ",".join(f"IP:{ip}" for ip in ips)
    make = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=local"
    commands = [f"{make} -x509 -days 2 -addext subjectAltName={names} -keyout {key} -out {cert}"]
    if valid:
        settings = folder / "authority.conf"
        settings.write_text(_AUTHORITY.format(folder=folder, names=names))
        (folder / "index").touch()
        (folder / "serial").write_text("01")
        commands = [
            f"{make} -keyout {key} -out {folder}/asked",
            f"openssl ca -batch -selfsign -notext -config {settings} -keyfile {key} -in {folder}/asked -out {cert} -startdate {valid[0]} -enddate {valid[1]}",
        ]
    for command in commands:
        subprocess.run(command.split(), check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


_AUTHORITY = """
[ca]
default_ca = one
[one]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = named
x509_extensions = extensions
[named]
commonName = supplied
[extensions]
subjectAltName = {names}
basicConstraints = CA:TRUE
"""


# --- faults: what stands behind `LocalWeb.raw` ---


async def _asked(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    """Takes the request and says nothing for as long as the client stays."""
    await reader.read()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    """Takes the request and closes."""
    await _asked(reader)


def says(data: bytes) -> Raw:
    """Takes the request, writes these bytes and closes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _asked(reader)
        writer.write(data)
        await writer.drain()

    return handler


def drips(start: bytes, drop: bytes, every: float = 0.02) -> Raw:
    """Writes a beginning, then a drop at a time, for ever: no pause is long enough for a read timeout."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _asked(reader)
        writer.write(start)
        while True:
            await writer.drain()
            await asyncio.sleep(every)
            writer.write(drop)

    return handler


def pours(start: bytes, piece: bytes) -> Raw:
    """Writes a beginning, then the same piece as fast as it is taken, for ever."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _asked(reader)
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()

    return handler


OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

garbage = says(b"220 mail.invalid ESMTP ready\r\n500 what?\r\n")
drips_headers = drips(OK_HEAD, b"X-Drop: 1\r\n")
drips_body = drips(OK_HEAD + b"\r\n", b"<p>word")
huge_header = pours(OK_HEAD + b"X-Long: ", b"x" * 4096)
many_headers = pours(OK_HEAD, b"X-Many: 1\r\n" * 64)
endless_body = pours(OK_HEAD + b"\r\n", b"<p>word</p>" * 512)
cut_short = says(OK_HEAD + b"Content-Length: 1000\r\n\r\n<p>The beginning of")


def bomb(size: int, coding: str = "gzip") -> Raw:
    """A small packed body that unpacks to this many zeros; ``gzip``, ``br`` or ``zstd``."""
    zeros, times = bytes(1_000_000), range(size // 1_000_000)
    if coding == "br":
        squeezer = brotli.Compressor(quality=5, lgwin=24)
        data = b"".join(squeezer.process(zeros) for _ in times) + squeezer.finish()
    else:
        packer = zlib.compressobj(wbits=31) if coding == "gzip" else zstandard.ZstdCompressor().compressobj()
        data = b"".join(packer.compress(zeros) for _ in times) + packer.flush()
    head = f"Content-Encoding: {coding}\r\nContent-Length: {len(data)}\r\n\r\n"
    return says(OK_HEAD + head.encode() + data)
