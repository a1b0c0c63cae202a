"""Puts this folder where `import support` finds it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
