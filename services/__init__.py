"""Asyncio processes: one module is one process is one compose service. Nobody imports this room."""
