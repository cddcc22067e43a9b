"""The small council: encoders, a sparse trunk, fusion and heads, and the folder a finished model lives in."""
