"""The experiments that make the committed results in ``benchmarks/results``.

They are run from a checkout of the repository, and are not part of the installed package::

    python -m experiments.digits --out digits.json
    python -m experiments.directions --out directions.json
    python -m experiments.fnl --out fnl.json
    python -m experiments.gaussianity --set cmb128-laptop --out gaussianity.json
    python -m experiments.inference --out inference.json

``sphere-toolkit study --help`` lists all of them.
"""
