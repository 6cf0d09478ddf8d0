"""The documents: what they show is printed anew, and what is generated is generated."""
