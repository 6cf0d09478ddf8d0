"""What the command-line tools share: flags, errors, files, listings."""
