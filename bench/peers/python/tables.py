"""Columns in the form of each library; made before the clock runs."""

import duckdb as _duckdb
import sys


def pandas_frame(**columns):
    import pandas as pd

    return pd.DataFrame(columns)


def polars_frame(**columns):
    import polars as pl

    return pl.DataFrame(columns)


def duckdb_tables(**tables):
    """A connection with the tables in its own memory, on as many threads as all others have."""
    connection = _duckdb.connect(config={"threads": int(sys.argv[4])})
    for name, frame in tables.items():
        arrow = frame.to_arrow()
        connection.register("given", arrow)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
    return connection


def arrow_strings(offsets, data):
    """A column of strings over the same bytes."""
    import pyarrow as pa

    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(offsets.astype("int64")), pa.py_buffer(data)
    )
