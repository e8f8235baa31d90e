"""Sum by key, in any order."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(keys, values):
    frame = pandas_frame(k=keys.astype("int64"), v=values)

    def run():
        sums = frame.groupby("k", sort=False)["v"].sum()
        return sums.index.to_numpy(), sums.to_numpy()

    return run


def polars(keys, values):
    import polars as pl

    query = polars_frame(k=keys.astype("int64"), v=values).lazy().group_by("k").agg(pl.col("v").sum())

    def run():
        result = query.collect()
        return result["k"].to_numpy(), result["v"].to_numpy()

    return run


def duckdb(keys, values):
    connection = duckdb_tables(t=polars_frame(k=keys.astype("int64"), v=values))

    def run():
        result = connection.execute("SELECT k, sum(v) AS v FROM t GROUP BY k").fetchnumpy()
        return result["k"], result["v"]

    return run
