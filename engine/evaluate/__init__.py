"""How right and how honest a council is: measures, evaluation of models, and what single experts are worth."""
