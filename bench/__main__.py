"""python -m bench NAME [arguments]: one bench; without a name they are listed."""

import subprocess
import sys

from bench import HERE, names


def main(words: list[str]) -> int:
    known = names()
    if not words:
        width = max(map(len, known))
        print("\n".join(f"{name:{width}}  {measures}" for name, measures in known.items()))
        return 0
    if words[0] not in known:
        print(f"There is no bench {words[0]}: use one of {', '.join(known)}.", file=sys.stderr)
        return 2
    return subprocess.call([sys.executable, "-m", f"bench.{words[0]}", *words[1:]], cwd=HERE.parent)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
