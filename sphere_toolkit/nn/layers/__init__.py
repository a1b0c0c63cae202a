"""Layers: each maps one signal to another."""
