"""The shared trunk: attention over the tokens of a case, and a sparse layer of experts."""
