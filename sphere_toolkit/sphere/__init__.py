"""Samples and coefficients of signals on the sphere, and what rotates and deforms them."""
