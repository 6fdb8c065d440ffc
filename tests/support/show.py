"""What a person sees: a progress bar on a terminal, plain lines elsewhere, and tables.

SPDX-License-Identifier: Apache-2.0
"""

import sys
import time


class Progress:
    """rows of total, their rate, and how long ago the source committed."""

    WIDTH = 30

    def __init__(self, total, out=sys.stdout):
        self.total = total
        self.out = out
        self.terminal = out.isatty()
        self.every = 0.1 if self.terminal else 2.0
        self.shown_at = 0.0
        self.rate_at, self.rate_rows, self.rate = None, 0, 0.0

    def line(self, rows, since_commit):
        filled = self.WIDTH * rows // self.total
        lag = "source has not committed yet" if since_commit is None else \
            "all there" if rows == self.total else f"{self.total - rows:,} rows and {since_commit:.1f} s behind"
        return f"    [{'#' * filled}{'.' * (self.WIDTH - filled)}] {rows:,}/{self.total:,} rows  {self.rate:,.0f} rows/s  {lag}"

    def show(self, rows, elapsed, since_commit):
        if self.rate_at is None or elapsed - self.rate_at >= 0.5:
            if self.rate_at is not None:
                self.rate = (rows - self.rate_rows) / (elapsed - self.rate_at)
            self.rate_at, self.rate_rows = elapsed, rows
        now = time.monotonic()
        if now - self.shown_at < self.every:
            return
        self.shown_at = now
        text = self.line(rows, since_commit)
        print(f"\r{text:<110}" if self.terminal else text, end="" if self.terminal else "\n", file=self.out, flush=True)

    def end(self):
        if self.terminal:
            self.rate = 0.0
            print(f"\r{'':<110}\r", end="", file=self.out, flush=True)


def table(lines):
    """Lines of cells; the first is the head, the first column is left-aligned, the others right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                      for column, (cell, width) in enumerate(zip(line, widths))) for line in lines]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]])
