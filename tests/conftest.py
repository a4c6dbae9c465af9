import os

import pytest

from tests import database


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    with django_db_blocker.unblock():
        name = database.create(os.environ.get("PYTEST_XDIST_WORKER", "one"))
    yield
    with django_db_blocker.unblock():
        database.drop(name)
