"""The mathematics of the layers: irreducible representations, products, SO(3), filters."""
