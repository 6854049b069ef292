"""The sample newsroom: small news sites on loopback ports, so that the demonstration needs no network.

Standard library only: any Python 3.11 starts it. It serves the folders of ``pages/`` as ``pages/sites.toml`` says, and
nothing else: no path of a request ever reaches the disk. It runs in the foreground and says on one line when it is ready.

    python examples/newsroom.py                                   serve until Ctrl-C or SIGTERM
    python examples/newsroom.py -- wireroom run examples/documents    serve while a command runs, exit as it does
    python examples/newsroom.py --base-port 0 --documents DIR     on free ports, with documents that name these ports

Exit status: 0 stopped, 2 a port is taken or the usage is wrong, else the command's.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sites import ADDRESS, BASE_PORT, Newsroom, Page, Site, is_unchanged, move, read_newsroom

if TYPE_CHECKING:
    from types import FrameType, TracebackType

HERE = Path(__file__).resolve().parent
FREE_BASES = range(20000, 32000, 10)  # below the ports that systems hand out to clients


class PortTakenError(Exception):
    """One of the ports is in use."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on {ADDRESS} is taken")
        self.port = port


class Handler(BaseHTTPRequestHandler):
    """Answers for one site."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: SiteServer

    def version_string(self) -> str:
        """What the Server header says."""
        return "SampleNewsroom"

    def do_GET(self) -> None:
        """Answer with the page."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with the headers of the page."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        site = self.server.site
        page = site.pages.get(path)
        if page is not None:
            self._answer_page(page, with_body=with_body)
        elif path in site.redirects:
            self._send(HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": site.redirects[path]})
        else:
            body = b"<!doctype html><title>Not found</title><h1>This page does not exist</h1>\n"
            self._send(
                HTTPStatus.NOT_FOUND,
                body,
                {"Content-Type": "text/html; charset=utf-8"},
                with_body=with_body,
            )

    def _answer_page(self, page: Page, *, with_body: bool) -> None:
        headers = {
            "ETag": page.etag,
            "Last-Modified": format_datetime(page.modified, usegmt=True),
            "Cache-Control": "max-age=0, must-revalidate",
        }
        if is_unchanged(page, self.headers["If-None-Match"], self.headers["If-Modified-Since"]):
            self._send(HTTPStatus.NOT_MODIFIED, None, headers)
        else:
            headers["Content-Type"] = page.content_type
            self._send(HTTPStatus.OK, page.body, headers, with_body=with_body)

    def _send(
        self,
        status: HTTPStatus,
        body: bytes | None,
        headers: dict[str, str],
        *,
        with_body: bool = True,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body and with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """One line a request, if asked for."""
        if self.server.verbose:
            when = datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]
            sys.stderr.write(f"{when} {self.server.site.name}: {format % args}\n")


class SiteServer(ThreadingHTTPServer):
    """One site on its port."""

    def __init__(self, site: Site, *, verbose: bool) -> None:
        self.site = site
        self.verbose = verbose
        try:
            super().__init__((ADDRESS, site.port), Handler)
        except OSError as error:
            raise PortTakenError(site.port) from error

    def server_bind(self) -> None:
        """Bind without the look-up of the own host name, which waits for a name server where there is none."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = ADDRESS, self.site.port

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no fault of the newsroom."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Serving:
    """The newsroom while it is open: ``with Serving(newsroom): ...``."""

    def __init__(self, newsroom: Newsroom, *, verbose: bool = False) -> None:
        self.newsroom = newsroom
        self._servers: list[SiteServer] = []
        # Bound and never listening: connections are refused, and nobody else can take the port.
        self._silent = socket.socket()
        try:
            for site in newsroom.sites:
                self._servers.append(SiteServer(site, verbose=verbose))
            self._hold_silent_port()
        except PortTakenError:
            self._close()
            raise

    def _hold_silent_port(self) -> None:
        try:
            self._silent.bind((ADDRESS, self.newsroom.silent))
        except OSError as error:
            raise PortTakenError(self.newsroom.silent) from error

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.shutdown()
        self._close()

    def _close(self) -> None:
        self._silent.close()
        for server in self._servers:
            server.server_close()


def open_newsroom(base_port: int, *, verbose: bool) -> Serving:
    """Bind every port.

    Args:
        base_port: the first site listens one above it; 0 looks for free ports.
        verbose: print a line for each request.

    Raises:
        PortTakenError: a port is in use, or with 0, none are free.
    """
    if base_port:
        return Serving(read_newsroom(HERE / "pages", base_port), verbose=verbose)
    # Begin elsewhere in each process, so that newsrooms started together do not try the same ports.
    first = os.getpid() % len(FREE_BASES)
    taken = PortTakenError(FREE_BASES[first])
    for base in (*FREE_BASES[first:], *FREE_BASES[:first]):
        try:
            return Serving(read_newsroom(HERE / "pages", base), verbose=verbose)
        except PortTakenError as error:
            taken = error
    raise taken


def write_documents(folder: Path, shift: int) -> None:
    """Write the sample documents into ``folder``, with their addresses moved by ``shift`` ports."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted((HERE / "documents").glob("*.txt")):
        (folder / file.name).write_bytes(move(file.read_bytes(), shift))


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def handle(_signum: int, _frame: FrameType | None) -> None:
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, handle)
    return stop


def run(command: list[str], stop: threading.Event) -> int:
    """Run a command to its end; return its exit status as a shell would."""
    try:
        process = subprocess.Popen(command)
    except OSError as error:
        print(f"newsroom: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 2

    def terminate(_signum: int, _frame: FrameType | None) -> None:
        process.terminate()

    # Only SIGTERM is passed on: Ctrl-C reaches the command by itself, the terminal sends it to both.
    signal.signal(signal.SIGTERM, terminate)
    if stop.is_set():
        process.terminate()
    status = process.wait()
    return status if status >= 0 else 128 - status


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line; everything behind ``--`` is the command."""
    parser = argparse.ArgumentParser(
        prog="newsroom.py",
        description="Serve the sample news sites on this machine.",
        epilog="Behind -- may stand a command: the sites are served while it runs.",
    )
    parser.add_argument(
        "--base-port",
        type=int,
        default=BASE_PORT,
        metavar="N",
        help="the sites listen on N+1, N+2, ...; 0 looks for free ports (default: %(default)s)",
    )
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="DIR",
        help="write the sample documents into DIR, with the addresses served here",
    )
    parser.add_argument(
        "--ready-file", type=Path, metavar="FILE", help="write the addresses into FILE when ready"
    )
    parser.add_argument("--verbose", action="store_true", help="one line on stderr for each request")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    options.command = arguments[split + 1 :]
    return options


def main(arguments: list[str]) -> int:
    """Serve; return the exit status."""
    options = parse_arguments(arguments)
    stop = stop_on_signals()
    try:
        serving = open_newsroom(options.base_port, verbose=options.verbose)
    except PortTakenError as error:
        print(
            f"newsroom: {error}; stop what listens there, or move all ports with --base-port N",
            file=sys.stderr,
        )
        return 2
    with serving:
        newsroom = serving.newsroom
        if options.documents:
            write_documents(options.documents, newsroom.shift)
        urls = " ".join(site.url for site in newsroom.sites)
        if options.ready_file:
            options.ready_file.write_text(urls + "\n", encoding="utf-8")
        # A command's standard output is its own.
        print(f"newsroom: ready at {urls}", file=sys.stderr if options.command else sys.stdout, flush=True)
        if options.command:
            return run(options.command, stop)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
