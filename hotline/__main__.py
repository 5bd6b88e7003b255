"""`python -m hotline` is the command `hotline`."""

import sys

from hotline.cli import main

sys.exit(main())
