"""`python -m tests.fake_worker RUN_FOLDER`: the worker of `tests.fakes`."""

import sys

from tests.fakes import run_worker

if __name__ == "__main__":
    sys.exit(run_worker(sys.argv[1:]))
