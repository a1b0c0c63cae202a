"""Record what the public API returns, and compare two records: a net under a rebuilding.

    python scripts/record_api.py record before.npz
    ... rebuild ...
    python scripts/record_api.py record after.npz
    python scripts/record_api.py compare before.npz after.npz

``compare`` lists every entry that is missing, or differs by more than 1e-13 of its largest value,
and says how many agree to the last bit. It exits with 1 if there are any.
"""

import sys
import tempfile
import warnings
from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

TOLERANCE = 1e-13
R = Rotation.from_euler("ZYZ", [0.3, 1.1, -2.0])


def white(L: int, n: int = 1) -> np.ndarray:
    """White coefficients that no generator of the package makes."""
    rng = np.random.default_rng(0)
    alm = rng.standard_normal((n, st.n_coefficients(L), 2)).view(complex)[..., 0]
    alm[:, :L].imag = 0
    return alm


def transforms() -> Iterator[tuple[str, object]]:
    """Transforms on every grid, spectra, norms, layouts, rotations, deformations."""
    for L in (1, 7, 32, 300):
        alm = white(L, n=2)
        for grid in (st.Grid.gauss_legendre(L), st.Grid.mcewen_wiaux(L), st.Grid.healpix(L, L)):
            f = st.inverse(alm, grid)
            yield f"inverse {grid}", f
            yield f"forward {grid}", st.forward(f, grid)
            yield f"mesh {grid}", np.stack(grid.mesh())
        yield f"spectrum {L}", st.power_spectrum(alm)
        yield f"energy {L}", st.energy(alm)
        yield f"pyssht {L}", st.to_pyssht(alm)
        yield f"rotate {L}", st.rotate(alm, R)
    yield "deform", st.deform(white(32)[0], 0.1)
    yield "displacement", st.displacement()


def scattering() -> Iterator[tuple[str, object]]:
    """Wavelets and scattering at several band-limits, depths, dilations and precisions."""
    for options in ((16, 0, 2.0), (64, 3, 2.0), (50, 2, 1.6), (256, 5, 2.0)):
        bank = st.WaveletBank(options[0], options[1], options[2])
        w = bank.analysis(white(bank.L)[0])
        yield f"bank {options} scaling", w.scaling
        for j in bank:
            yield f"bank {options} {j}", w.wavelets[j]
        for depth, oversampling, dtype in ((1, 1, "float64"), (3, 2, "float64"), (2, 2, "float32")):
            transform = st.ScatteringTransform(
                options[0], options[1], depth, options[2], oversampling, dtype=dtype
            )
            S = transform(white(bank.L, n=3))
            yield f"scattering {options} {depth} {oversampling} {dtype}", S.alm
            yield f"energy {options} {depth} {oversampling} {dtype}", S.energy()
    transform = st.ScatteringTransform(64, 3)
    yield "propagate", transform.propagate(white(64)[0], (6, 4))[0]
    yield "equivariance", st.equivariance_error(transform, white(64)[0], R)


def signals() -> Iterator[tuple[str, object]]:
    """Signals and skies."""
    yield "earth", st.signals.earth_relief(64)
    yield "noise", st.signals.band_limited_noise(64, 3, -1.0, n=2)
    yield "spots", st.signals.spots(64)
    yield "ring", st.signals.ring(64)
    yield "digits", st.signals.digits(16)[0][:20]
    yield "gaussian", st.cmb.gaussian(128, 5)
    for name in ("cmb128-laptop", "fnl256"):
        yield f"set {name}", st.cmb.simulate(name, 2, seed=1)[0]


def networks() -> Iterator[tuple[str, object]]:
    """Probabilities by every model from fixed keys, before and after training."""
    import jax

    from sphere_toolkit import nn

    x = white(16, n=4).astype(np.complex64)[:, None]
    for name in ("ZonalCNN", "SphericalCNN", "GeneralizedCNN", "HybridClassifier"):
        model = getattr(nn, name)(1, 16, 3, channels=(4, 4), key=jax.random.key(0))
        yield f"probabilities {name}", nn.predict_proba(model, x)
        fitted = nn.fit(model, (x, np.arange(4) % 3), epochs=2, seed=0, progress=False)[0]
        yield f"after two epochs {name}", nn.predict_proba(fitted, x)


def stores() -> Iterator[tuple[str, object]]:
    """What the pipeline writes, and what comes with the package."""
    train = st.pipeline.bundled_dataset()
    yield "bundled", train.alm[:50]
    with tempfile.TemporaryDirectory() as folder:
        source = st.pipeline.Arrays(white(16, n=6))
        transform = st.ScatteringTransform(16, 2)
        st.pipeline.scatter_dataset(
            source, transform, f"{folder}/store", n_workers=1, progress=False
        )
        yield "store", st.pipeline.load_dataset(f"{folder}/store").alm


SECTIONS = (transforms, scattering, signals, networks, stores)


def record(file: str) -> None:
    """Write everything to a file; what a section cannot give is an error."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for section in SECTIONS:
            for name, value in section():
                found[f"{section.__name__}: {name}"] = np.asarray(value)
            print(f"{section.__name__}: recorded", file=sys.stderr)
    np.savez(file, **{name.replace("/", "|"): value for name, value in found.items()})


def compare(before: str, after: str) -> int:
    """Print what differs."""
    old, new = np.load(before), np.load(after)
    differing = [f"missing: {name}" for name in sorted(set(old) ^ set(new))]
    identical = 0
    for name in sorted(set(old) & set(new)):
        a, b = old[name], new[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            differing.append(f"{name}: {a.dtype}{a.shape} became {b.dtype}{b.shape}")
        elif np.array_equal(a, b):
            identical += 1
        else:
            error = float(np.abs(a - b).max() / np.abs(a).max())
            tolerance = TOLERANCE if a.dtype.itemsize * (1 + (a.dtype.kind != "c")) >= 16 else 1e-6
            if not error <= tolerance:
                differing.append(f"{name}: differs by {error:.2g} of its largest value")
    print(*differing, f"{identical} of {len(set(old) & set(new))} agree to the last bit", sep="\n")
    return bool(differing)


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(sys.argv[2])
    else:
        sys.exit(compare(*sys.argv[2:4]))
