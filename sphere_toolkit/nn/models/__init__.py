"""Networks made of the layers, and the table that shows them."""
