"""`python -m scopesync` is the console script."""

from __future__ import annotations

import sys

from scopesync.cli.main import main

sys.exit(main())
