"""Workers for the command that need not be started for each test."""

import pytest
from distributed import LocalCluster


@pytest.fixture(scope="module")
def work():
    """The options that send maps to a worker within this process."""
    one = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "protocol": "tcp://"}
    with LocalCluster(**one, dashboard_address="127.0.0.1:0") as cluster:
        yield ["--scheduler", cluster.scheduler_address, "--quiet"]
