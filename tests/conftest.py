"""What every test sees: figures are drawn off screen, and hypothesis draws the same examples."""

import hypothesis
import matplotlib

# Not by MPLBACKEND: notebooks run in this environment too, and theirs is the inline backend.
matplotlib.use("agg")

# Two cores shared by many tests make single examples slow at random: no deadline per example.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("project")
