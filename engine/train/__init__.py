"""Training: folds, batches, losses, the loop, its checkpoints and what it tells while it runs."""
