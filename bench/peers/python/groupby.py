"""Sums and counts by key, in any order."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(keys, values):
    frame = pandas_frame(k=keys.astype("int64"), v=values)

    def run():
        found = frame.groupby("k", sort=False)["v"].agg(["sum", "count"])
        return found.index.to_numpy(), found["sum"].to_numpy(), found["count"].to_numpy()

    return run


def polars(keys, values):
    import polars as pl

    frame = polars_frame(k=keys.astype("int64"), v=values).lazy()
    query = frame.group_by("k").agg(pl.col("v").sum(), pl.len().alias("n"))

    def run():
        found = query.collect()
        return tuple(found[name].to_numpy() for name in ("k", "v", "n"))

    return run


def duckdb(keys, values):
    connection = duckdb_tables(t=polars_frame(k=keys.astype("int64"), v=values))

    def run():
        found = connection.execute("SELECT k, sum(v) AS v, count(*) AS n FROM t GROUP BY k").fetchnumpy()
        return found["k"], found["v"], found["n"]

    return run
