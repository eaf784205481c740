"""`python -m dog`."""

from dog.lean_imports import lean_imports

with lean_imports():
    from dog import process_setup as groundwork  # noqa: F401  # every command needs it, with the libraries that it takes along
    from dog.cli.main import main

if __name__ == "__main__":
    main()
