"""A file of NDJSON to columns; every library finds out keys and types by itself. The answer is made of them when it is
asked for."""

import json
import os
import sys

PATH = os.path.join(sys.argv[3], "input-0.bin")
THREADS = int(sys.argv[4])
NAMES = ("id", "at", "host", "user", "path", "status", "ms", "ok", "message", "tags")
TEXTS = ("at", "host", "user", "path", "message")


class Later:
    """Numbers that are computed when they are written."""

    def __init__(self, make):
        self.make = make

    def __array__(self, dtype=None, copy=None):
        return self.make()


def numbers(list_of):
    """The columns as numbers: of texts, and of lists as JSON, the number of each in order of first appearance, and their
    lengths."""
    import numpy as np
    import pandas as pd

    def texts(name):
        if name != "tags":
            return list_of(name)
        return [json.dumps(tags, separators=(",", ":"), ensure_ascii=False) for tags in list_of(name)]

    def codes(name):
        return pd.factorize(np.asarray(texts(name), dtype=object))[0]

    def lengths(name):
        return np.fromiter((len(text) for text in texts(name)), dtype=np.float64)

    def plain(name):
        return np.asarray([np.nan if value is None else value for value in list_of(name)], dtype=np.float64)

    leaves = []
    for name in NAMES:
        if name in TEXTS or name == "tags":
            leaves += [Later(lambda name=name: codes(name)), Later(lambda name=name: lengths(name))]
        else:
            leaves.append(Later(lambda name=name: plain(name)))
    return tuple(leaves)


def polars(_):
    import polars as pl

    def run():
        frame = pl.read_ndjson(PATH)
        return numbers(lambda name: frame[name].to_list())

    return run


def duckdb(_):
    import duckdb as db

    connection = db.connect(config={"threads": THREADS})

    def run():
        connection.execute(
            "CREATE OR REPLACE TABLE requests AS SELECT * FROM read_json_auto(?, format = 'newline_delimited')", [PATH]
        )

        def list_of(name):
            # Times are guessed to be such, and not text.
            column = """strftime("at", '%Y-%m-%dT%H:%M:%S.%gZ')""" if name == "at" else f'"{name}"'
            return [row[0] for row in connection.execute(f"SELECT {column} FROM requests").fetchall()]

        return numbers(list_of)

    return run
