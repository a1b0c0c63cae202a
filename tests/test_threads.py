"""Tasks are shared out among threads, each is done once, and errors end the rest."""

import os
import subprocess
import sys

import pytest

from sphere_toolkit._util.threads import each


def test_the_first_error_of_a_batch_is_raised():
    def task(i: int) -> None:
        if i == 3:
            raise RuntimeError("signal 3")

    with pytest.raises(RuntimeError, match="signal 3"):
        each(task, 5, 2)


@pytest.mark.parametrize("n_threads", [1, 2, 3, 20])
@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_each_task_is_done_once(n, n_threads):
    done: list[int] = []
    each(done.append, n, n_threads)
    assert sorted(done) == [*range(n)]


def test_what_comes_after_an_error_is_not_begun():
    begun: list[int] = []

    def task(i: int) -> None:
        begun.append(i)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each(task, 100, 2)
    assert len(begun) <= 2


def test_tasks_may_share_out_tasks_of_their_own():
    done: list[tuple[int, int]] = []
    each(lambda i: each(lambda j: done.append((i, j)), 3, 2), 4, 2)
    assert sorted(done) == [(i, j) for i in range(4) for j in range(3)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own():
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


# In a process of its own: others that have started threads must not be forked.
FORKED = """
import os, warnings
from sphere_toolkit._util.threads import each
each(id, 4, 2)
warnings.simplefilter("ignore")  # newer Pythons warn of threads that a fork leaves behind
child = os.fork()
if child == 0:
    each(id, 4, 2)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
