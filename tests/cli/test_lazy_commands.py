import subprocess
import sys


def test_a_command_is_imported_when_it_is_called_and_no_other_is() -> None:
    code = "import sys, jobs.cli as it; it.jobs.get_command(None, 'recompute'); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "jobs.recompute_command" in found
    assert not {"jobs.batch_command", "jobs.periodic_commands", "apscheduler"}.intersection(found)
