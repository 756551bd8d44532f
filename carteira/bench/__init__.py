"""How fast the real code paths are on the current database, each beside a limit measured in the same run.

One module per topic, each with `measure(options) -> Iterator[Figure]`; docs/performance.md says what the figures mean.
"""
