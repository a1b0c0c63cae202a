"""The command ``sphere-toolkit``: scatter a data set, train a network on it, use the network."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import version

from .._util import extras
from . import predict, scatter, study, train
from .ends import STOPPED, fail, note
from .study import STUDIES

__all__ = ["STUDIES", "main"]

# Packages whose errors are about the data, the disk or the network.
_FOREIGN = {"asyncio", "concurrent", "dask", "distributed", "healpy", "tornado", "zarr"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed (the reason is on standard error), 3 done but maps were
        unusable, 130 stopped by Ctrl-C. Wrong usage exits with 2.
    """
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        note("Stopped. Nothing more is kept than before; the same command goes on.")
        return STOPPED
    except ImportError as error:
        return fail(str(extras.explained(error, "the command")))
    except (FloatingPointError, OSError, RuntimeError, TypeError, ValueError) as error:
        return fail(str(error))
    except MemoryError as error:
        return fail(f"not enough memory, fewer --workers need less: {error}")
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _FOREIGN:
            raise
        return fail(f"{type(error).__name__}: {error}. What was computed is kept; the same "
                    "command goes on")  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sphere-toolkit", description=__doc__)
    parser.add_argument(
        "--version", action="version", version=f"sphere-toolkit {version('sphere-toolkit')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (scatter, train, predict, study):
        command.add_to(commands)
    return parser
