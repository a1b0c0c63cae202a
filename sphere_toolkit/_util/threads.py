"""Sharing out tasks among threads that are kept."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache


def each(task: Callable[[int], None], n: int, n_threads: int) -> None:
    """Run ``task(0) ... task(n - 1)`` on up to ``n_threads`` threads, the calling one among them.

    An error, or an interruption, ends it: tasks that have begun are waited for, and it is raised.
    """
    if n_threads == 1 or n <= 1:
        for i in range(n):
            task(i)
        return
    waiting = deque(range(n))

    def work() -> None:
        try:
            while waiting:
                try:
                    i = waiting.popleft()
                except IndexError:  # another thread took the last one
                    return
                task(i)
        except BaseException:
            waiting.clear()
            raise

    n_helpers = min(n_threads, n) - 1
    helpers = [_pool(n_helpers).submit(work) for _ in range(n_helpers)]
    try:
        work()
    finally:
        # One that has not started has nothing left to do, and may never start: a task that calls
        # this function could be what keeps all threads of the pool.
        begun = [helper for helper in helpers if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()


@cache
def _pool(n_threads: int) -> ThreadPoolExecutor:
    """Threads that are kept, for starting one takes longer than a small transform."""
    return ThreadPoolExecutor(n_threads, thread_name_prefix="sphere_toolkit")


if hasattr(os, "register_at_fork"):  # a forked process has the pools, but none of their threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
