"""`python -m engine ...`: the command line of the engine."""

from engine.cli.app import main

if __name__ == "__main__":
    main()
