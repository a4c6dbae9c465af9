"""Settings of the embedded PostgreSQL: modest, durable, meant for a machine it shares."""

from __future__ import annotations

import psutil

_GIB = 2**30


def settings_for(port: int, memory: int | None = None) -> str:
    """The lines of ``tenure.conf`` for a machine with ``memory`` bytes (default: this one)."""
    memory = memory or psutil.virtual_memory().total
    roomy = memory >= 4 * _GIB
    chosen = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 100,
        "shared_buffers": f"{min(memory // 8, 8 * _GIB) // 2**20}MB" if roomy else "128MB",
        "effective_cache_size": f"{memory // 2 // 2**20}MB",
        "work_mem": "32MB" if roomy else "8MB",
        "maintenance_work_mem": "256MB" if roomy else "64MB",
        "synchronous_commit": "on",
        # Compressing the pages after a checkpoint takes a fifth of the time of a change to a whole table.
        "wal_compression": "off",
        "max_wal_size": "4GB" if roomy else "1GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": 1.1,
        # Compiling a query costs more than the short queries of a page save.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    return "".join(f"{name} = '{value}'\n" for name, value in chosen.items())
