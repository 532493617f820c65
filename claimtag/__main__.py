"""`python -m claimtag` is `claimtag`."""

import sys

from claimtag.cli import main

if __name__ == "__main__":
    sys.exit(main())
