"""The link to the engine: its process, its HTTP client and its event stream."""
