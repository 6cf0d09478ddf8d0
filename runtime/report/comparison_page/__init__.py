"""The comparison of two runs as one page that opens from disk."""
