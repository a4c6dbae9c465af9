import shutil
import tempfile
from pathlib import Path

import pytest

from crm import stack


@pytest.fixture
def own_home(monkeypatch):
    """A new TENURE_HOME with no servers named in the environment; its servers end with the test."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    # Not pytest's directory: as root the database runs as a user who cannot get in there.
    home = Path(tempfile.mkdtemp(prefix="tenure-test-"))
    home.chmod(0o755)
    yield home
    stack.stop(home)
    shutil.rmtree(home)
