"""Train the small network on digits that the explorer ``st.explore.network`` shows.

From the repository's root (a minute on two cores)::

    python scripts/make_digit_network.py

It is trained on upright digits alone, measured on those of the test part, upright and each under
five random rotations, and written to ``sphere_toolkit/data/digit_network_L16.eqx``.
"""

import hashlib
from pathlib import Path

import equinox as eqx
import jax
import numpy as np

import sphere_toolkit as st
from sphere_toolkit.nn.models.bundled import NAME

TARGET = Path(st.__file__).parent / "data" / NAME
SEED = 0
EPOCHS = 40
ARCHITECTURE = {
    "in_channels": 1,
    "L": 16,
    "n_outputs": 10,
    "channels": [4, 4, 4],
    "band_limits": [16, 16, 16],
    "hidden": 32,
    "knots": 16,  # one per degree: the filters are few
}


def part(split):
    """Signals (n, 1, 136) and labels of one part of the digits."""
    alm, labels = st.signals.digits(ARCHITECTURE["L"], split)
    return alm[:, None].astype(np.complex64), labels


def train():
    """The network, which takes digits as they are."""
    x, y = part("train")
    validation, labels = part("validation")
    # Layers expect coefficients of variance 1. Afterwards the factor goes into the first filters.
    scale = np.sqrt(x.shape[-1] / st.energy(x).mean())
    model, _ = st.nn.fit(
        st.nn.ZonalCNN(**ARCHITECTURE, key=jax.random.key(SEED)),
        (scale * x, y),
        validation=(scale * validation, labels),
        epochs=EPOCHS,
        learning_rate=1e-2,
        weight_decay=1e-2,
        schedule="cosine",
        seed=SEED,
        patience=EPOCHS,
        progress="bar",
    )
    return eqx.tree_at(lambda m: m.layers[0].weights, model, replace_fn=lambda w: scale * w)


def main():
    """Train, measure, save."""
    model = train()
    x, y = part("test")
    rng = np.random.default_rng(SEED)
    turned = [st.nn.accuracy(model, st.nn.random_rotations(x, rng), y) for _ in range(5)]
    facts = {"upright": st.nn.accuracy(model, x, y), "rotated": float(np.mean(turned))}
    st.nn.save(TARGET, model, {"architecture": ARCHITECTURE, "seed": SEED, **facts})
    print(f"accuracy on {len(y)} test digits: {facts}")
    print(f"{st.nn.count_parameters(model)} parameters, {TARGET.stat().st_size} bytes")
    print(f"sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
