"""What the sandbox runs: one module a modality, each from bytes to the decoded form and back."""
