"""How the chapters' figures look, in JupyterLab and in the book: the one place that says so.

The kernel of the course reads this. At 12 points a letter is as large as those of a page.
"""

import gc
import os

from cycler import cycler

from sphere_toolkit._util.colours import CATEGORIES

c = get_config()  # noqa: F821
# The build of the book asks for drawings ("svg"), which follow the colours of a page. A notebook
# shows pixels, two for one.
drawn = os.environ.get("COURSE_FIGURES", "retina")
if drawn == "svg":
    gc.set_threshold(100_000, 20, 20)  # a build ends soon: it need not look for circles of objects
c.InlineBackend.figure_formats = {drawn}
c.InlineBackend.rc = {
    "figure.dpi": 192 if drawn == "svg" else 96,  # of maps within a drawing: two for one, too
    "font.size": 12,
    "axes.titlesize": 12.5,
    "axes.labelsize": 12,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 11.5,
    "legend.fontsize": 11.5,
    "legend.frameon": False,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[light for light, _ in CATEGORIES]),
    "lines.linewidth": 1.8,
}
# A figure is shown when its cell ends, and closed. Before that pyplot would draw it for a window
# that is not there.
c.InteractiveShellApp.exec_lines = [
    "%matplotlib inline",
    "__import__('matplotlib.pyplot').pyplot.uninstall_repl_displayhook()",
]
