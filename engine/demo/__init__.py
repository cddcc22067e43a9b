"""Synthetic cases whose truth is known: a respiratory clinic and a support desk, and how well anyone could do on them."""
