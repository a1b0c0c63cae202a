"""Helpers of all parts of the package: checks of arguments, threads, progress bars, extras."""
