import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests import database

# The same examples each time, so that a green suite stays green; HYPOTHESIS_PROFILE=default tries new ones.
# How long an example takes says how busy the machine is.
settings.register_profile("same", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# Folders whose single tests take longest: begun first, so that no worker is left alone with one of them at the end.
LONGEST = ("tests/browser/", "tests/isolation/", "tests/stack/")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish():
    """What is loaded by now stays to the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    with django_db_blocker.unblock():
        name = database.create(os.environ.get("PYTEST_XDIST_WORKER", "one"))
    yield
    with django_db_blocker.unblock():
        database.drop(name)
