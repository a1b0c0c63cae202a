"""Masks of maps with holes, and what fills these."""
