"""`python -m dog`."""

from dog.cli.main import main

if __name__ == "__main__":
    main()
