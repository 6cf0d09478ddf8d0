"""Maps the top-level folders onto the import package `xnn`; pyproject.toml has all the rest."""

from setuptools import find_packages, setup

ROOTS = ("dialects", "runtime", "passes", "tools")

setup(
    package_dir={"xnn": "tools/_xnn", **{f"xnn.{root}": root for root in ROOTS}},
    packages=[
        "xnn",
        *(f"xnn.{root}" for root in ROOTS),
        *(f"xnn.{root}.{p}" for root in ROOTS for p in find_packages(root, exclude=["_xnn*"])),
    ],
)
