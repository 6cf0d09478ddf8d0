"""A package outside of xnn: `*.dist-info/entry_points.txt` says what it adds."""
