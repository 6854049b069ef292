"""The sample newsroom for other containers: on every address, under the host name given. Runs in a container."""

from __future__ import annotations

import dataclasses
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, "/examples")

from newsroom import Handler
from sites import ADDRESS, BASE_PORT, Site, read_newsroom


class OpenServer(ThreadingHTTPServer):
    """One site on its port, on every address."""

    verbose = True

    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__(("", site.port), Handler)


def renamed(site: Site, host: str) -> Site:
    """The site whose pages call it by another host name."""
    old, new = ADDRESS.encode(), host.encode()
    pages = {
        path: dataclasses.replace(page, body=page.body.replace(old, new)) for path, page in site.pages.items()
    }
    return dataclasses.replace(site, pages=pages)


def main(host: str) -> None:
    """Serve until killed."""
    newsroom = read_newsroom(Path("/examples/pages"), BASE_PORT)
    servers = [OpenServer(renamed(site, host)) for site in newsroom.sites]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    print(f"newsroom: serving {len(servers)} sites as {host}", flush=True)  # noqa: T201 - the log of its container
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
