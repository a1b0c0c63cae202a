// What the explorer shows, as an equation with its numbers.

/** @type {Equation} */
export function equation({ controls }) {
  const kinds = {
    maps: '⟨|a_{ℓm}|^{2}⟩ = C_{ℓ} "in all four; three are Gaussian"',
    spectra: "z_{ℓ} = (C_{ℓ} − ⟨C_{ℓ}⟩) / σ(C_{ℓ})",
    scattering: "z = (s − ⟨s⟩) / σ(s),  s = \"log\" ⟨U[p] f⟩ / ⟨U[q] f⟩,  p = (q, j)",
  };
  return [kinds[/** @type {"maps"} */ (controls.evidence.value)]];
}
