"""From files of strangers to cases: the decode sandbox, the decoders inside it, and the importers of tables and folders."""
