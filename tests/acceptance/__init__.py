"""Long checks on real data; run by `make accept`, never in continuous integration."""
