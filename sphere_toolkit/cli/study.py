"""``sphere-toolkit study``: how the experiments of the course are run."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from .ends import fail

STUDIES = {
    "digits": "which networks recognise digits on the sphere when they are rotated",
    "directions": "are these strokes aligned? What zonal and directional scattering know",
    "fnl": "how well local f_NL is seen in scattering coefficients",
    "gaussianity": "is this sky Gaussian? Several classifiers on the same skies",
    "inference": "do fits of scattering statistics beat direct estimators of a parameter?",
    "masks": "do the means of scattering paths see the edge of a mask?",
    "relief": "what does a map of 9.3 million samples hold, and what does it cost?",
    "synthesis": "what do scattering coefficients remember? Signals drawn from statistics",
    "wmap": "are the scattering coefficients of WMAP's sky those of a Gaussian one?",
}


def add_to(commands: Any) -> None:
    """Add the command and its arguments."""
    study = commands.add_parser(
        "study",
        help="say how the experiments of the course are run",
        description="Say how an experiment of the course is run. Experiments are not part of the "
        "installed package:\nthey need a checkout of the repository.",
        epilog="\n".join(
            ["experiments:", *(f"  {name:12}{what}" for name, what in STUDIES.items())]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    study.set_defaults(run=_run)
    study.add_argument("name", choices=STUDIES, help="which one")
    study.add_argument("arguments", nargs=argparse.REMAINDER, help="its own options")


def _run(options: argparse.Namespace) -> int:
    command = shlex.join(["python", "-m", f"experiments.{options.name}", *options.arguments])
    return fail(
        "experiments are not part of the installed package; in a checkout of the repository, with "
        f"the extra 'experiments', run: {command}"
    )
