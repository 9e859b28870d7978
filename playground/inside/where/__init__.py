"""Where an adapter sits and what it changed: views of a finished run, each kept on disk and beside its control."""
