"""The only rooms that know Redis, RQ, aiohttp, processes and the disk."""
