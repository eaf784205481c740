import subprocess
import sys

COMPLETE = "import sys, jobs.cli as it; found = it.jobs.shell_complete(it.click.Context(it.jobs), 're')"


def test_a_name_is_completed_without_importing_a_command() -> None:
    code = f"{COMPLETE}; print(*(each.value for each in found)); print(*sys.modules)"
    names, modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert names == "recompute"
    assert "jobs.recompute_command" not in modules.split()


def test_a_command_is_imported_when_it_is_called_and_no_other_is() -> None:
    code = "import sys, jobs.cli as it; it.jobs.get_command(None, 'recompute'); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "jobs.recompute_command" in found
    assert not {"jobs.batch_command", "jobs.periodic_commands", "apscheduler"}.intersection(found)
