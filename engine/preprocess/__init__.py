"""From decoded parts of cases to the tensors a model reads; every statistic comes from training cases alone."""
