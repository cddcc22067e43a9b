"""One encoder a modality: its items to tokens."""
