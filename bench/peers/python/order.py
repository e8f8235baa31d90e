"""Order: sorts, an order of rows, ranks, a median, places in a sorted column, different values, running sums."""

from tables import duckdb_tables, pandas_frame, polars_frame


def numpy(what, v, other=None):
    import numpy as np

    if what.startswith("rank") or what == "seg_cumsum":
        return None

    def first_rows(v):
        rows = np.argpartition(v, 100)[:100]
        return rows[np.argsort(v[rows])]

    return {
        "sort": lambda: np.sort(v),
        "argsort": lambda: np.argsort(v),
        "topk": lambda: first_rows(v),
        "median": lambda: np.median(v, keepdims=True),
        "cumsum": lambda: np.cumsum(v),
        "unique": lambda: np.unique(v),
        "searchsorted": lambda: np.searchsorted(v, other),
    }[what]


def pandas(what, v, other=None):
    if what == "seg_cumsum":
        groups = pandas_frame(v=other, key=v.cumsum(dtype="int64")).groupby("key")["v"]
        return lambda: groups.cumsum().to_numpy()
    if not what.startswith("rank"):
        return None
    column = pandas_frame(v=v)["v"]
    return lambda: column.rank(method=what.removeprefix("rank_")).to_numpy()


def polars(what, v, other=None):
    if what == "seg_cumsum":
        import polars as pl

        groups = polars_frame(v=other, key=v.cumsum(dtype="int64"))
        return lambda: groups.select(pl.col("v").cum_sum().over("key"))["v"].to_numpy()
    table = polars_frame(v=v)
    frame = table["v"]
    rows = table.with_row_index("row") if what == "topk" else None
    found = {
        "topk": lambda: rows.bottom_k(100, by="v").sort("v")["row"].to_numpy(),
        "sort": lambda: frame.sort().to_numpy(),
        "argsort": lambda: frame.arg_sort().to_numpy(),
        "median": lambda: polars_frame(m=[frame.median()])["m"].to_numpy(),
        "cumsum": lambda: frame.cum_sum().to_numpy(),
        "unique": lambda: frame.unique().sort().to_numpy(),
        "rank_average": lambda: frame.rank("average").to_numpy(),
        "rank_dense": lambda: frame.rank("dense").to_numpy(),
    }
    if what == "searchsorted":
        values = polars_frame(v=other)["v"]
        return lambda: frame.search_sorted(values).to_numpy()
    return found.get(what)


def duckdb(what, v, other=None):
    if what != "sort":
        return None
    connection = duckdb_tables(t=polars_frame(v=v))
    return lambda: connection.execute("SELECT v FROM t ORDER BY v").fetchnumpy()["v"]
