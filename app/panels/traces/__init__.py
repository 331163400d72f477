"""The Traces panel: scalars of the run over its steps."""
