"""TPC-H Q6: forecast of revenue change."""

from tables import duckdb_tables, pandas_frame, polars_frame


def numpy(quantity, price, discount, shipped, start, until):
    def run():
        keep = (shipped >= start) & (shipped < until) & (discount >= 0.05) & (discount <= 0.07) & (quantity < 24)
        return (price[keep] * discount[keep]).sum()

    return run


def pandas(quantity, price, discount, shipped, start, until):
    frame = pandas_frame(quantity=quantity, price=price, discount=discount, shipped=shipped)

    def run():
        keep = (
            (frame["shipped"] >= start)
            & (frame["shipped"] < until)
            & (frame["discount"] >= 0.05)
            & (frame["discount"] <= 0.07)
            & (frame["quantity"] < 24)
        )
        lines = frame[keep]
        return (lines["price"] * lines["discount"]).sum()

    return run


def numba(quantity, price, discount, shipped, start, until):
    from numba import njit

    @njit(fastmath=True)
    def revenue(quantity, price, discount, shipped, start, until):
        s = 0.0
        for i in range(len(price)):
            # Without a branch, which is what lets LLVM vectorize it.
            keep = (
                (shipped[i] >= start)
                & (shipped[i] < until)
                & (discount[i] >= 0.05)
                & (discount[i] <= 0.07)
                & (quantity[i] < 24)
            )
            s += price[i] * discount[i] if keep else 0.0
        return s

    return lambda: revenue(quantity, price, discount, shipped, start, until)


def polars(quantity, price, discount, shipped, start, until):
    import polars as pl

    frame = polars_frame(quantity=quantity, price=price, discount=discount, shipped=shipped).lazy()
    keep = (
        (pl.col("shipped") >= start)
        & (pl.col("shipped") < until)
        & (pl.col("discount") >= 0.05)
        & (pl.col("discount") <= 0.07)
        & (pl.col("quantity") < 24)
    )
    query = frame.filter(keep).select((pl.col("price") * pl.col("discount")).sum())
    return lambda: query.collect().item()


def duckdb(quantity, price, discount, shipped, start, until):
    connection = duckdb_tables(
        lines=polars_frame(quantity=quantity, price=price, discount=discount, shipped=shipped)
    )
    query = f"""
        SELECT sum(price * discount) FROM lines
        WHERE shipped >= {start} AND shipped < {until} AND discount >= 0.05::DOUBLE AND discount <= 0.07::DOUBLE
          AND quantity < 24
    """
    return lambda: connection.execute(query).fetchone()[0]


def c(quantity, price, discount, shipped, start, until):
    import ctypes

    from c import address, compiled

    number = {"int8": "signed char", "int32": "int", "int64": "long", "float64": "double"}
    columns = (quantity, price, discount, shipped)
    q, p, d, day = (number[column.dtype.name] for column in columns)
    revenue = compiled(f"""
        double revenue(const {q} *q, const {p} *p, const {d} *d, const {day} *day, long start, long until, long n) {{
          double s = 0;
          for (long i = 0; i < n; i++) {{
            int keep = (day[i] >= start) & (day[i] < until) & (d[i] >= 0.05) & (d[i] <= 0.07) & (q[i] < 24);
            s += keep ? p[i] * d[i] : 0;
          }}
          return s;
        }}
    """).revenue
    revenue.restype = ctypes.c_double
    longs = [ctypes.c_long(int(x)) for x in (start, until, len(price))]
    return lambda: revenue(*(address(column) for column in columns), *longs)
