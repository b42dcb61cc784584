"""python -m bench NAME [arguments]: the measured claims, each one command."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A bench is what has a `main` of its own; the others are what such a bench runs in processes of its own.
NAMES = sorted(path.stem for path in HERE.glob("*.py") if 'if __name__ == "__main__"' in path.read_text())

if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
    sys.exit(f"python -m bench NAME [arguments], NAME one of: {', '.join(NAMES)}")
sys.exit(subprocess.call([sys.executable, "-m", f"bench.{sys.argv[1]}", *sys.argv[2:]], cwd=HERE.parent))
