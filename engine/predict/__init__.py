"""From a case to an answer: calibration, conformal sets, novelty, outcomes, contributions, and the predictor itself."""
