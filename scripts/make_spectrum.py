"""Compute ``sphere_toolkit/data/cl_planck2018_lcdm_tt.txt``, the spectrum of the CMB, with CAMB.

From the repository's root, in its environment (the extra ``cmb``); takes half a minute::

    python scripts/make_spectrum.py            # compare with the existing file
    python scripts/make_spectrum.py --write    # replace it

The shipped file was computed by the same call with another accuracy setting. A new computation
differs from it by up to 4e-4 (lensed) and 6e-4 (unlensed) at high degrees, much less than the
cosmic variance of 1.6e-2 at degree 4096. CAMB's last digits depend on compiler and version, so a
new file has another sha256 than the one in ``sphere_toolkit/data/__init__.py``. Replace the file
only to change the spectrum of all simulations.
"""

import argparse
import hashlib
from pathlib import Path

import camb
import numpy as np

TARGET = Path(__file__).parents[1] / "sphere_toolkit" / "data" / "cl_planck2018_lcdm_tt.txt"
MAX_DEGREE = 4096
COSMOLOGY = {"H0": 67.36, "ombh2": 0.02237, "omch2": 0.1200, "mnu": 0.06, "tau": 0.0544}
PRIMORDIAL = {"As": 2.100e-9, "ns": 0.9649}
HEADER = f"""\
CMB temperature angular power spectra C_ell [muK^2] (not ell(ell+1)C_ell/2pi), T_CMB = 2.7255 K
Computed with CAMB {camb.__version__} (Lewis, Challinor & Lasenby 2000; https://camb.info), flat \
LCDM, means of Planck 2018 VI (arXiv:1807.06209) table 2, TT,TE,EE+lowE+lensing:
{" ".join(f"{name}={value}" for name, value in (COSMOLOGY | PRIMORDIAL).items())}
set_for_lmax({MAX_DEGREE}, lens_potential_accuracy=8, lens_output_margin=500)
ell  C_lensed  C_unlensed"""


def spectra():
    """Lensed and unlensed spectrum, (2, MAX_DEGREE + 1), in microkelvin squared."""
    parameters = camb.CAMBparams()
    parameters.set_cosmology(**COSMOLOGY)
    parameters.InitPower.set_params(**PRIMORDIAL)
    parameters.set_for_lmax(MAX_DEGREE, lens_potential_accuracy=8, lens_output_margin=500)
    found = camb.get_results(parameters).get_cmb_power_spectra(
        parameters, lmax=MAX_DEGREE, CMB_unit="muK", raw_cl=True
    )
    return np.array([found[kind][:, 0] for kind in ("total", "unlensed_scalar")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="replace the file")
    options = parser.parse_args()
    found = spectra()
    shipped = np.loadtxt(TARGET)[:, 1:].T
    for kind, new, old in zip(("lensed", "unlensed"), found[:, 2:], shipped[:, 2:], strict=True):
        print(
            f"{kind}: largest relative difference from the file {np.abs(new / old - 1).max():.1e}"
        )
    if options.write:
        columns = np.column_stack([np.arange(MAX_DEGREE + 1), *found])
        np.savetxt(TARGET, columns, fmt=["%d", "%.8e", "%.8e"], header=HEADER)
        print(f"{TARGET.name}: sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
