"""`python -m dog`."""

from dog.interrupts import exit_on_interrupt

if __name__ == "__main__":
    exit_on_interrupt()
    from dog.cli.main import main

    main()
