"""A package of which nothing can be loaded."""

raise ImportError("a library is missing")
