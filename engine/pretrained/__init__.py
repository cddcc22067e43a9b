"""Pretrained models: the one door to transformers, loaded encoders, and those that are kept inside a council."""
