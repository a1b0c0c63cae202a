"""Run the experiment."""

import sys

from .study import EXPERIMENT

sys.exit(EXPERIMENT.main())
