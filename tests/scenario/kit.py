"""What scenarios share: cases that report themselves, and the programs under test.

    @kit.case
    def it_works(place):            # place: a pathlib.Path, a new empty directory
        kit.run("den-clip", "list")

    kit.main()

A case fails by an exception (assert says why), and is skipped by kit.Skip(why).
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("DEN_BUILD", TOP / "build" / "host")).resolve()

_cases = []


class Skip(Exception):
    pass


def case(function):
    _cases.append(function)
    return function


def main():
    """Runs the cases that argv names, else all; the exit code tells whether all went well."""
    failed = 0
    for function in _cases:
        name = function.__name__
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        place = pathlib.Path(tempfile.mkdtemp(prefix="den-"))
        try:
            function(place)
            print(f"ok {name}")
        except Skip as why:
            print(f"skip {name} - {why}")
        except Exception as error:
            failed += 1
            at = traceback.extract_tb(error.__traceback__)[-1]
            why = " ".join(str(error).split()) or at.line
            print(f"not ok {name} - {pathlib.Path(at.filename).name}:{at.lineno}: {why}")
        finally:
            shutil.rmtree(place, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


def program(name):
    return str(BUILD / name)


def run(name, *words, code=0, **options):
    """Runs one of ours to its end, checks its exit code, and returns (standard output, error)."""
    done = subprocess.run([program(name), *map(str, words)], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=100, **options)
    assert done.returncode == code, f"{name} {words}: exit {done.returncode}: {done.stderr}"
    return done.stdout, done.stderr


def need(tool):
    """Skips the case if a stranger's program is not installed."""
    if shutil.which(tool) is None:
        raise Skip(f"{tool} is not installed")
