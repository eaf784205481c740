"""`python -m dog.demo`, as `make run` calls it."""

from dog.interrupts import exit_on_interrupt

if __name__ == "__main__":
    exit_on_interrupt()  # before the imports, which take seconds
    from dog.cli.demo_command import demo
    from dog.cli.exit_codes import run

    run(demo, "make run")
