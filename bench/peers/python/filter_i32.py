"""Keep the elements of a column below a bound."""

from tables import duckdb_tables, polars_frame


def numpy(v, below):
    return lambda: v[v < below]


def numba(v, below):
    import numpy as np
    from numba import njit

    @njit
    def keep(v, below):
        out = np.empty_like(v)
        n = 0
        for x in v:
            out[n] = x
            n += x < below
        return out[:n]

    return lambda: keep(v, below)


def polars(v, below):
    import polars as pl

    frame = polars_frame(v=v).lazy().filter(pl.col("v") < below)
    return lambda: frame.collect()["v"].to_numpy()


def duckdb(v, below):
    connection = duckdb_tables(t=polars_frame(v=v))
    return lambda: connection.execute(f"SELECT v FROM t WHERE v < {below}").fetchnumpy()["v"]
