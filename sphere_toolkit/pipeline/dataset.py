"""A scattered data set, read from a store."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..scattering import ScatteringCoefficients
from ..scattering.masked import weights_of
from ..scattering.paths import Path as ScatteringPath
from ..scattering.paths import as_paths
from ..scattering.transform import ScatteringTransform
from ..sphere.masks.mask import Mask, as_mask
from .sources.base import LABEL, as_array
from .sources.masking import digest_of
from .store import NOT_COMPUTED, Store


@dataclass(frozen=True, repr=False)
class Dataset:
    """A scattered data set, one row per map.

    Attributes
    ----------
    alm : complex64 array (n, n_paths, n_coefficients(L))
        Scattering coefficients in the unit of the maps; NaN where ``valid`` is False. A Zarr
        array instead, read piece by piece as it is indexed, if it was loaded with
        ``in_memory=False``.
    labels : array (n,)
        Label of each map. Classes are integers (-1 for a map without one) or names ("" for a map
        without one); other labels are float64 numbers (NaN).
    names : list of str
    seeds : list
        Seed of each simulated map; None for other maps.
    paths : tuple of tuples
    valid : bool array (n,)
        Whether each map has coefficients.
    problems : dict of str to str
        The reason for each map without coefficients, by name.
    parameters : dict
        Of the `ScatteringTransform`.
    header : dict
        The description of the store: source, parameters, versions when it was created.
    versions : list of dict of str to str
        For each map the versions with which its coefficients were computed; empty if it has none.
    targets : dict of str to array (n,)
        Further columns of labels, by name.
    """

    alm: Any
    labels: NDArray
    names: list[str]
    seeds: list
    paths: tuple[ScatteringPath, ...]
    valid: NDArray[np.bool_]
    problems: dict[str, str]
    header: dict[str, Any]
    versions: list[dict[str, str]]
    targets: dict[str, NDArray] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the transform."""
        return self.header["transform"]

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return (
            f"Dataset({len(self)} maps, {int(self.valid.sum())} of them valid, "
            f"{len(self.paths)} paths, source {self.header['source']})"
        )

    def target(self, name: str = LABEL) -> NDArray:
        """A column of labels: ``labels`` by the name "label", or one of ``targets``.

        Raises
        ------
        ValueError
            There is no such column, or no map has a label in it.
        """
        columns = {LABEL: self.labels, **self.targets}
        filled = {key: values for key, values in columns.items() if labelled(values).any()}
        if name in filled:
            return filled[name]
        known = ", ".join(map(repr, filled)) or "no labels: scatter it again with labels (--labels)"
        raise ValueError(f"there are no labels named {name!r}; the data set has {known}")

    def training_data(self, name: str = LABEL) -> tuple[NDArray[np.complex64], NDArray]:
        """Coefficients and labels of the maps that have both, as `sphere_toolkit.nn.fit` takes.

        Parameters
        ----------
        name : str
            Of the column of labels, as in `target`.

        Returns
        -------
        alm : complex64 array (m, n_paths, n_coefficients(L))
        labels : array (m,)

        Raises
        ------
        ValueError
            There is no such column, or no map has a label in it.
        """
        labels = self.target(name)
        rows = np.flatnonzero(self.valid & labelled(labels))
        return self.alm[rows], labels[rows]

    def coefficients(self, mask: Mask | None = None) -> ScatteringCoefficients:
        """All maps as labelled scattering coefficients, in memory.

        Parameters
        ----------
        mask : Mask, optional
            That of the maps, if they were scattered behind one: means and second moments are then
            taken over what is known.

        Raises
        ------
        TypeError, ValueError
            The maps were masked, and ``mask`` is missing or another one; or the other way round.
        """
        alm, asked = np.asarray(self.alm[:]), self.header["source"].get("mask")
        given = None if mask is None else digest_of(as_mask(mask))
        if given != asked:
            raise ValueError(
                f"mask must be that of the maps, {asked}, got {given}: st.masks.read(file) reads it"
                if asked
                else f"the maps were scattered without a mask, got mask={given}"
            )
        weights = None
        if mask is not None:
            bank = ScatteringTransform(**self.parameters).bank
            weights = weights_of(mask, bank, self.paths)
        return ScatteringCoefficients(alm, self.paths, self.parameters, weights)


def labelled(labels: NDArray) -> NDArray[np.bool_]:
    """Which maps have a label, in an array as of `Dataset.labels`."""
    if labels.dtype.kind == "U":
        return labels != ""
    return labels >= 0 if labels.dtype.kind == "i" else ~np.isnan(labels)


def load_dataset(store: str | Path, *, incomplete: bool = False, in_memory: bool = True) -> Dataset:
    """Read a data set that `scatter_dataset` made.

    Parameters
    ----------
    store : str or Path
        The folder.
    incomplete : bool, default False
        Accept a store that is not complete; maps that are missing or damaged are then not valid.
    in_memory : bool, default True
        Read and check every shard. False leaves the coefficients on disk, for sets larger than
        memory. This function then checks the presence and size of shards; their checksums are
        checked when they are read, and raise an error.

    Returns
    -------
    Dataset

    Raises
    ------
    FileNotFoundError
        There is no such store.
    ValueError
        The folder holds something else; or shards are missing or damaged, and ``incomplete`` is
        False.

    Examples
    --------
    `scatter_dataset` has a script that makes a store and reads it. The data set of the course is
    one as well:

    >>> import sphere_toolkit as st
    >>> data = st.pipeline.bundled_dataset(part="test")
    >>> data.alm.shape, data.coefficients().paths[:3]
    ((300, 7, 528), ((), (5,), (6,)))
    """
    checks.choice("incomplete", incomplete, (False, True))
    checks.choice("in_memory", in_memory, (False, True))
    place = Path(store).expanduser()
    opened, header = Store.open(place)
    n, names = opened.alm.shape[0], header["maps"]["names"]
    alm: Any = opened.alm
    if in_memory:
        alm = np.full(opened.alm.shape, complex(np.nan, np.nan), np.complex64)
    reasons, versions = [NOT_COMPUTED] * n, ["{}"] * n
    for shard in range(opened.n_shards):
        rows = opened.rows(shard)
        if in_memory:
            content = opened.read(shard)
            if content is not None:
                alm[rows], reasons[rows] = content.alm, content.problems
                versions[rows] = content.versions
        elif opened.present(shard):
            reasons[rows] = map(str, np.asarray(opened.problem[rows]))
            versions[rows] = map(str, np.asarray(opened.versions[rows]))
    n_missing = reasons.count(NOT_COMPUTED)
    if n_missing and not incomplete:
        raise ValueError(
            f"{str(place)!r} lacks {n_missing} of {n} maps (absent or damaged): run the same "
            "scatter_dataset again to complete it, or load it with incomplete=True"
        )
    return Dataset(
        alm=alm,
        labels=as_array(header["maps"]["labels"]),
        names=names,
        seeds=header["maps"]["seeds"],
        paths=as_paths(header["paths"]),
        valid=np.array([not reason for reason in reasons], bool),
        problems={name: why for name, why in zip(names, reasons, strict=True) if why},
        header=header,
        versions=[json.loads(one) for one in versions],
        targets={key: as_array(one) for key, one in header["maps"].get("targets", {}).items()},
    )
