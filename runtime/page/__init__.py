"""What all pages have in common: style, themes, tables, charts, one selection, and how a page becomes one file."""
