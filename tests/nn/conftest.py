"""Puts this folder where `import support` finds it; JAX compiles fast, and keeps what it has."""

import os
import sys
from pathlib import Path

import jax
import pytest

sys.path.append(str(Path(__file__).parent))


def pytest_configure(config):
    """What a process of the tests compiles is there when it, or its like, needs it again.

    Not by the environment: JAX does not lock the folder, and processes that tests start would
    share it.
    """
    # What runs a few times, on small arrays, does not repay what optimising it costs. Processes
    # that tests start, the chapters among them, compile as those of a user do.
    jax.config.update("jax_disable_most_optimizations", True)
    if not hasattr(config, "cache"):
        return  # -p no:cacheprovider
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    jax.config.update("jax_compilation_cache_dir", str(config.cache.mkdir("jax") / worker))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture
def x64():
    """JAX in double precision."""
    with jax.enable_x64():
        yield
