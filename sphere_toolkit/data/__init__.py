"""Files that come with the package, each checked against its checksum before it is used."""

from __future__ import annotations

import hashlib
from importlib.resources import files

SHA256 = {
    "cl_planck2018_lcdm_tt.txt": "9549ef19e6de09646bf35f53e095b74e2ebc8ebd5fbd6d53d182da3ff27ee1d0",
    "coastlines_110m.npz": "1bd2e127e834d93018496c43818814aa7e5130bba9899c5ae093c90ff241866d",
    "digit_network_L16.eqx": "6cb06cb4f49f5fb8c1d49e3901762a7188a32936355827dcfd5ee462e69ed9bf",
    "earth_relief_20min.npz": "d0ae94ac0b389f79498f9456edc1016f1d528f3c4a165d1d253b0075e908a17c",
    "scattering_cmb128_laptop.npz": "bf304fbbefd77ca73ccc48ec5ec3afec6c9867c33c06ff25e3613d3f64c8e6c5",  # noqa: E501
    "transfer_planck2018_256.npz": "7166313ce44b267cf2be994a4aaa32124da19f75dba4a9175614b04ad2f25659",  # noqa: E501
}


def read(name: str) -> bytes:
    """The content of a bundled file.

    Raises
    ------
    ValueError
        There is no such file, or its content is not what was shipped.
    """
    if name not in SHA256:
        raise ValueError(f"name must be one of {', '.join(map(repr, SHA256))}, got {name!r}")
    content = files(__package__).joinpath(name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(f"{name} is damaged (sha256 {found}): reinstall sphere_toolkit")
    return content
