"""`python -m dog`."""

from dog.lean_imports import lean_imports

with lean_imports():
    from dog import bootstrap  # noqa: F401  # every command needs it, and most of its time goes into libraries
    from dog.cli.main import main

if __name__ == "__main__":
    main()
