"""Order: sorts, an order of rows, a median, places in a sorted column, different values, running sums."""

from tables import duckdb_tables, polars_frame


def numpy(what, v, other=None):
    import numpy as np

    middle = len(v) // 2
    return {
        "sort": lambda: np.sort(v),
        "argsort": lambda: np.argsort(v),
        "median": lambda: np.partition(v, middle)[middle : middle + 1],
        "cumsum": lambda: np.cumsum(v),
        "unique": lambda: np.unique(v),
        "searchsorted": lambda: np.searchsorted(v, other),
    }[what]


def polars(what, v, other=None):
    frame = polars_frame(v=v)["v"]
    found = {
        "sort": lambda: frame.sort().to_numpy(),
        "argsort": lambda: frame.arg_sort().to_numpy(),
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
