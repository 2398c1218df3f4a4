"""Record what becomes of every golden case: ``python tests/golden/record.py [NUMBER ...]``.

Read the difference before you commit it: each line is a promise.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from golden.cases import CASES


def main(numbers: list[int]) -> None:
    for case in CASES:
        if numbers and case.number not in numbers:
            continue
        with tempfile.TemporaryDirectory() as place:
            ran = case.run(Path(place))
            (case.folder / "expected.json").write_text(ran.text(), encoding="utf-8", newline="\n")
            if ran.result.exit_code != case.exit_code:
                print(f"{case.folder.name}: exits {ran.result.exit_code}, not {case.exit_code}")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
