"""Programs that measure; each can import the collection from this tree, however it is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "collections"))
