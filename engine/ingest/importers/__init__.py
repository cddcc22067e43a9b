"""Readers of data sets as people have them; each makes an `ImportPlan` and opens no file itself."""
