#!/usr/bin/env python
"""Command line of Carteira; starts the embedded database when no DATABASE_URL is set."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.settings")
    from carteira.preparation import CommandLine  # Settings must be named before Django loads.

    CommandLine(sys.argv).execute()


if __name__ == "__main__":
    main()
