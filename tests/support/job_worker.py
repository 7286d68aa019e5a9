"""A worker of jobs in a process of its own, beside the servers of a deployment."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.support.stock import Stock


@contextmanager
def worker(stock: Stock, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python with the environment of a deployment's worker; `-m server work` as arguments is the worker itself.
    `environ` comes on top. Killed with the block.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")},
        "UNBRACKET_DATA_DIR": str(stock.settings.data_dir),
        "UNBRACKET_DATABASE_URL": stock.settings.database_url,
        "UNBRACKET_REDIS_URL": stock.settings.redis_url,
        **(environ or {}),
    }
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
