"""Jobs: a process each, a run folder each, watched by the supervisor."""
