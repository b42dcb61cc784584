"""The audit: what must always hold, recomputed from the facts."""
