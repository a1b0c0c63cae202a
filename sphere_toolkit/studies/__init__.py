"""Experiments that make the committed results: each a module with a ``main(argv)``.

``sphere-toolkit study NAME ...`` and ``python -m sphere_toolkit.studies.NAME ...`` run one.
"""
