"""Sum of a column."""

from tables import duckdb_tables, polars_frame


def numpy(v):
    return lambda: v.sum()


def numba(v):
    from numba import njit

    @njit(fastmath=True)
    def total(v):
        s = 0.0
        for x in v:
            s += x
        return s

    return lambda: total(v)


def polars(v):
    import polars as pl

    frame = polars_frame(v=v).lazy().select(pl.col("v").sum())
    return lambda: frame.collect().item()


def duckdb(v):
    connection = duckdb_tables(t=polars_frame(v=v))
    return lambda: connection.execute("SELECT sum(v) FROM t").fetchone()[0]


def c(v):
    import ctypes

    from c import address, compiled

    total = compiled("""
        double total(const double *v, long n) {
          double s = 0;
          for (long i = 0; i < n; i++) s += v[i];
          return s;
        }
    """).total
    total.restype = ctypes.c_double
    return lambda: total(address(v), ctypes.c_long(len(v)))
