"""Measurements: one file per question asked of the product. Nothing of the product imports this."""
