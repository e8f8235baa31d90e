"""Sum over five added vectors."""

from tables import duckdb_tables, polars_frame


def numpy(a, b, c, d, e):
    return lambda: (a + b + c + d + e).sum()


def numba(a, b, c, d, e):
    from numba import njit

    @njit(fastmath=True)
    def total(a, b, c, d, e):
        s = 0.0
        for i in range(len(a)):
            s += a[i] + b[i] + c[i] + d[i] + e[i]
        return s

    return lambda: total(a, b, c, d, e)


def polars(a, b, c, d, e):
    import polars as pl

    frame = polars_frame(a=a, b=b, c=c, d=d, e=e).lazy()
    total = (pl.col("a") + pl.col("b") + pl.col("c") + pl.col("d") + pl.col("e")).sum()
    return lambda: frame.select(total).collect().item()


def duckdb(a, b, c, d, e):
    connection = duckdb_tables(t=polars_frame(a=a, b=b, c=c, d=d, e=e))
    return lambda: connection.execute("SELECT sum(a + b + c + d + e) FROM t").fetchone()[0]
