"""`python -m tests.fake_predictor`: the predictor of `tests.fakes`."""

from tests.fakes import run_predictor

if __name__ == "__main__":
    run_predictor()
