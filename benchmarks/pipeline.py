"""Maps a second through the pipeline, from one worker to two, and the memory of a worker.

    python benchmarks/pipeline.py [--L 1024] [--maps 48] [--rounds 3] [--out FILE.json]

Depth 2, oversampling 1. Every rate is that of a whole call of ``scatter_dataset`` on workers that
have started and have made the tables of the transform, as they have after the first seconds of
a long run; in it maps are read or simulated, scattered, brought to single precision and written.
Three kinds of work:

- "bare": the transform alone, one thread, in a process of its own without Dask or Zarr; the
  pipeline's rate by one worker beside it is what the machinery costs;
- "scattered": maps are ``.npy`` files of alm, as a simulation code would leave them;
- "simulated": maps are simulated by the worker that scatters them (``cmb1024`` at L = 1024).

Runs of one and of two workers take turns, and of the rounds the median is reported with the
extremes. Memory is the peak of a worker process (VmHWM).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from distributed import Client
from transforms import J_MIN, RESULTS, machine, noise

import sphere_toolkit as st
from sphere_toolkit.pipeline import MapFiles, NamedSet, scatter_dataset
from sphere_toolkit.pipeline.cluster import local_cluster
from sphere_toolkit.pipeline.sources.base import Source

SETS = {1024: "cmb1024", 256: "cmb256-class", 128: "cmb128-laptop"}
TARGETS = {"scattered": 8.0, "simulated": 4.0, "scaling": 1.8, "peak_mib": 1536.0}


def peak_mib() -> float:
    """Peak memory of the process that this runs in."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def bare_rate(L: int, maps: int) -> float:
    """Maps a second of the transform alone, by one thread of a worker process."""
    scatter = st.ScatteringTransform(L, J_MIN, depth=2, oversampling=1.0, n_threads=1)
    alm = noise(L)
    scatter(alm)
    start = time.perf_counter()
    for _ in range(maps):
        scatter(alm)
    return maps / (time.perf_counter() - start)


class Cluster:
    """Worker processes that have started, and the rates that they reach."""

    def __init__(self, n_workers: int, L: int, folder: Path) -> None:
        self.n, self.folder, self.runs = n_workers, folder, 0
        self.transform = st.ScatteringTransform(L, J_MIN, depth=2, oversampling=1.0)
        self.cluster = local_cluster(n_workers)
        self.client = Client(self.cluster, set_as_default=False)

    def rate(self, source: Source, per_shard: int) -> float:
        """Maps a second of one run into a new store."""
        self.runs += 1
        store = self.folder / f"store-{self.n}-{self.runs}"
        start = time.perf_counter()
        scatter_dataset(
            source, self.transform, store,
            client=self.client, maps_per_shard=per_shard, progress=False,
        )  # fmt: skip
        return len(source.names) / (time.perf_counter() - start)

    def peaks(self) -> list[float]:
        """Peak memory of each worker."""
        return sorted(self.client.run(peak_mib).values())

    def bare(self, L: int, maps: int) -> float:
        """The rate of the bare transform on one of the workers, the others at rest."""
        return self.client.submit(bare_rate, L, maps, pure=False).result()

    def close(self) -> None:
        """End the workers."""
        self.client.close()
        self.cluster.close()


def files_of_noise(L: int, maps: int, folder: Path) -> list[Path]:
    """As many files as there are maps; eight different skies, for they cost time to make."""
    files = []
    for i in range(maps):
        files.append(folder / f"map-{i:04}.npy")
        if i < 8:
            np.save(files[i], st.signals.band_limited_noise(L, i))
        else:
            files[i].hardlink_to(files[i % 8])  # links to one file would be one map
    return files


def summary(values: list[float]) -> dict:
    return {"median": float(np.median(values)), "least": min(values), "most": max(values)}


def measure(L: int, maps: int, rounds: int) -> dict:
    """All rates; one and two workers alternate, so that a busy machine hits both."""
    with tempfile.TemporaryDirectory(prefix="pipeline-") as name:
        folder = Path(name)
        files = files_of_noise(L, maps, folder)
        sources: dict[str, Callable[[int], Source]] = {
            "scattered": lambda n: MapFiles(files[:n], L),
            "simulated": lambda n: NamedSet(SETS[L], n),
        }
        per_shard = max(1, min(8, maps // 8))
        clusters = [Cluster(n, L, folder) for n in (1, 2)]
        rates: dict[str, list[list[float]]] = {kind: [[], []] for kind in sources}
        bare = []
        try:
            for cluster in clusters:
                for make in sources.values():  # tables and work arrays, on every worker
                    cluster.rate(make(4), 1)
            for round_ in range(rounds):
                bare.append(clusters[0].bare(L, max(2, maps // 4)))
                for kind, make in sources.items():
                    for which in (0, 1) if round_ % 2 else (1, 0):
                        rates[kind][which].append(clusters[which].rate(make(maps), per_shard))
                print(f"round {round_ + 1} of {rounds} done", file=sys.stderr)
            peaks = [cluster.peaks() for cluster in clusters]
        finally:
            for cluster in clusters:
                cluster.close()
    return {
        "bare": summary(bare),
        "machinery": float(np.median(np.array(bare) / np.array(rates["scattered"][0]))),
        **{
            kind: {
                "one_worker": summary(one),
                "two_workers": summary(two),
                "scaling": summary([b / a for a, b in zip(one, two, strict=True)]),
            }
            for kind, (one, two) in rates.items()
        },
        "peak_mib": {"one_worker": peaks[0], "two_workers": peaks[1]},
    }


def report(results: dict) -> str:
    lines = ["| work | one worker, maps/s | two workers, maps/s | ratio |", "|---|---:|---:|---:|"]
    for kind in ("scattered", "simulated"):
        one, two, ratio = (
            results[kind][name]["median"] for name in ("one_worker", "two_workers", "scaling")
        )
        lines.append(f"| {kind} | {one:.2f} | {two:.2f} | {ratio:.2f} |")
    peak = max(*results["peak_mib"]["one_worker"], *results["peak_mib"]["two_workers"])
    reached = {
        "scattered": results["scattered"]["two_workers"]["median"],
        "simulated": results["simulated"]["two_workers"]["median"],
        "scaling": results["scattered"]["scaling"]["median"],
    }
    lines += [
        "",
        f"bare transform, one thread: {results['bare']['median']:.2f} maps/s; "
        f"the pipeline takes {results['machinery']:.2f} times as long",
        f"peak memory of a worker: {peak:.0f} MiB (target: below {TARGETS['peak_mib']:.0f})",
        *(f"{k}: {v:.2f} (target: at least {TARGETS[k]:g})" for k, v in reached.items()),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--L", type=int, choices=sorted(SETS), default=1024)
    parser.add_argument("--maps", type=int, default=48, help="in each run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS / "pipeline.json")
    options = parser.parse_args()
    results = {
        "command": " ".join(["python", *sys.argv]),
        "machine": machine(),
        "L": options.L,
        "maps": options.maps,
        "rounds": options.rounds,
        "transform": {"J_min": J_MIN, "depth": 2, "oversampling": 1.0, "dtype": "float64"},
        "targets": TARGETS,
        **measure(options.L, options.maps, options.rounds),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(report(results))


if __name__ == "__main__":
    main()
