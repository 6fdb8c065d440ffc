"""What the lint commands share: the files of the tree, and how findings are told.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes):
    """The tracked files with one of the suffixes (all without), as paths relative to ROOT."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode == 0:
        paths = [pathlib.Path(name) for name in listed.stdout.split("\0") if name]
    else:  # a release archive has no repository
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if "build" not in path.parts]
    return sorted(path for path in paths
                  if (ROOT / path).is_file() and (not suffixes or path.suffix in suffixes))


def read(path):
    """The text of a file; empty for one that is no text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def finish(findings):
    """Prints the findings and ends the program: 1 when there are any."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
