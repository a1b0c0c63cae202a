"""Signals drawn from the statistics of their scattering coefficients."""

from .drawing import Synthesis, SynthesisHistory, synthesise

__all__ = ["Synthesis", "SynthesisHistory", "synthesise"]
