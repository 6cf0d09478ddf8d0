"""An exploration as one page that opens from disk."""
