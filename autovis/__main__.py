"""`python -m autovis` is the console command `autovis`."""

import sys

from autovis.cli import main

if __name__ == "__main__":
    sys.exit(main())
