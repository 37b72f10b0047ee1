"""For every pytest run in this repository."""

from __future__ import annotations

import os

from hypothesis import settings

# Made-up cases differ from run to run on a desk, where a new finding is welcome, and never in CI
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")
