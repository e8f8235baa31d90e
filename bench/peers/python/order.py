"""Order: sorts, an order of rows, a median, places in a sorted column, different values, running sums."""

from tables import duckdb_tables, polars_frame


def numpy(what, v, other=None):
    import numpy as np

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


def polars(what, v, other=None):
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
