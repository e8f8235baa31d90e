"""A CSV file to columns; every library finds out the types by itself. The answer is made of them when it is asked for."""

import os
import sys

PATH = os.path.join(sys.argv[3], "input-0.bin")
THREADS = int(sys.argv[4])
STRINGS = ("city", "customer", "sku")
TIMES = ("day", "at")


class Later:
    """Numbers that are computed when they are written."""

    def __init__(self, make):
        self.make = make

    def __array__(self, dtype=None, copy=None):
        return self.make()


def numbers(column_of, names):
    """The columns as numbers: of strings the number of each in order of first appearance, and their lengths."""
    import numpy as np
    import pandas as pd

    def codes(name):
        return pd.factorize(np.asarray(column_of(name), dtype=object))[0]

    def lengths(name):
        return np.fromiter((len(text) for text in column_of(name)), dtype=np.float64)

    def times(name):
        return np.asarray(column_of(name)).astype("datetime64[us]").astype(np.int64)

    def plain(name):
        column = column_of(name)
        if isinstance(column, np.ma.MaskedArray):
            column = column.astype(np.float64).filled(np.nan)
        return np.asarray(column)

    leaves = []
    for name in names:
        if name in STRINGS:
            leaves += [Later(lambda name=name: codes(name)), Later(lambda name=name: lengths(name))]
        elif name in TIMES:
            leaves.append(Later(lambda name=name: times(name)))
        else:
            leaves.append(Later(lambda name=name: plain(name)))
    return tuple(leaves)


def pandas(_):
    import pandas as pd
    import pyarrow

    pyarrow.set_cpu_count(THREADS)

    def run():
        frame = pd.read_csv(PATH, engine="pyarrow", parse_dates=list(TIMES))
        return numbers(lambda name: frame[name].to_numpy(), frame.columns)

    return run


def polars(_):
    import polars as pl

    def run():
        frame = pl.read_csv(PATH, try_parse_dates=True)
        return numbers(lambda name: frame[name].to_numpy(), frame.columns)

    return run


def duckdb(_):
    import duckdb as db

    connection = db.connect(config={"threads": THREADS})

    def run():
        connection.execute("CREATE OR REPLACE TABLE orders AS SELECT * FROM read_csv(?)", [PATH])
        names = [row[0] for row in connection.execute("DESCRIBE orders").fetchall()]
        return numbers(lambda name: connection.execute(f'SELECT "{name}" FROM orders').fetchnumpy()[name], names)

    return run
