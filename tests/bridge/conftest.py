"""The bridge is tested with the same screening as the films of autovis."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "film"))
