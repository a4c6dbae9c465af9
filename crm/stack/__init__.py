"""The servers and processes Tenure runs on when it is started by ``make``; knows no Django.

Where ``DATABASE_URL`` and ``REDIS_URL`` are unset, PostgreSQL and Valkey come from wheels and keep
their data under ``TENURE_HOME``. They are ordinary servers on free ports of 127.0.0.1.
"""

from crm.stack.environment import environment, secret_key
from crm.stack.errors import StackError
from crm.stack.home import home_directory
from crm.stack.servers import ensure_running, lease, stop

__all__ = [
    "StackError",
    "ensure_running",
    "environment",
    "home_directory",
    "lease",
    "secret_key",
    "stop",
]
