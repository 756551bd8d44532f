#!/usr/bin/env python
"""Command line of Carteira; starts the embedded database when no DATABASE_URL is set."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.settings")
    from django.core.management import execute_from_command_line  # Settings must be named before Django loads.

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
