"""Play a month of the platform under faults, and check after each day what it promises.

`python benchmarks/month.py --seed 7 --folder FOLDER` needs `pip install ".[test]"`, as the providers are fakes of
the tests. `--seeds 1-50` plays several, `--tables facts` only what is loaded and made of it directly.
"""

import gc
import sys
from pathlib import Path

gc.disable()  # until the definitions are loaded: nothing of them is garbage
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from simulated_month.runner import main  # noqa: E402

if __name__ == "__main__":
    main()
