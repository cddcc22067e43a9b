"""Where things are kept: content-addressed blobs and the project's database."""
