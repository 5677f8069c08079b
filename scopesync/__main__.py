"""`python -I -m scopesync` is the console script.

Without -I, Python looks for modules in the current folder first: a file of the project could be run in their place.
"""

from __future__ import annotations

import sys

from scopesync.cli.main import main

sys.exit(main())
