"""Web server of Carteira; gunicorn reads this file by itself from the project's folder."""

import gc
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 15
keepalive = 5
# A worker that grows is replaced before it matters; the jitter keeps both from leaving together.
max_requests = 5_000
max_requests_jitter = 500
# The heartbeat file must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
# Addresses of people stay out of the log; Carteira keeps its own record of who opened what.
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """What is loaded stays: only what requests leave behind is looked through, and not every few lines of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)
