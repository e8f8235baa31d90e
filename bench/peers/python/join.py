"""Joins whose columns are multiplied and added up; a column by row numbers."""

from tables import duckdb_tables, pandas_frame, polars_frame


def tables(make, columns):
    left_keys, left, right_keys, right = columns
    return make(k=left_keys.astype("int64"), v=left), make(k=right_keys.astype("int64"), w=right)


def numpy(what, *columns):
    if what != "gather":
        return None
    rows, v = columns[0].astype("int64"), columns[1]
    return lambda: v.take(rows)


def pandas(what, *columns):
    import pandas as pd

    if what == "gather":
        return None
    left, right = tables(pandas_frame, columns)

    def run():
        both = left.merge(right, on="k") if what == "sum" else pd.merge_asof(left, right, on="k")
        return float((both["v"] * both["w"]).sum())

    return run


def polars(what, *columns):
    import polars as pl

    if what == "gather":
        rows, v = pl.Series(columns[0].astype("int64")), pl.Series(columns[1])
        return lambda: v.gather(rows).to_numpy()
    left, right = tables(polars_frame, columns)
    if what == "asof":
        both = left.set_sorted("k").lazy().join_asof(right.set_sorted("k").lazy(), on="k")
    else:
        both = left.lazy().join(right.lazy(), on="k")
    query = both.select((pl.col("v") * pl.col("w")).sum())
    return lambda: query.collect().item()


def duckdb(what, *columns):
    if what == "gather":
        return None
    left, right = tables(polars_frame, columns)
    connection = duckdb_tables(l=left, r=right)
    on = "JOIN r ON l.k = r.k" if what == "sum" else "ASOF JOIN r ON l.k >= r.k"
    query = f"SELECT sum(l.v * r.w) FROM l {on}"
    return lambda: connection.execute(query).fetchone()[0]
