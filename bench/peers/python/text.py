"""Text: which strings hold or begin with a pattern; answers are the number of rows and the sum of their numbers."""

from tables import arrow_strings, duckdb_tables, polars_frame


# By DuckDB.
NEW_STRINGS = {
    "upper": "upper(s)",
    "lower": "lower(s)",
    "slice": "substring(s, 5, 8)",
    "replace": "replace(s, $1, $2)",
}


def pattern_of(p):
    return p.tobytes().decode()


def patterns_of(offsets, data):
    return [pattern_of(data[a:b]) for a, b in zip(offsets, offsets[1:])]


def pandas(what, offsets, data, p=None, *rest):
    if what not in ("contains", "starts", "matches"):
        return None
    import numpy as np
    import pandas as pd

    column = pd.Series(arrow_strings(offsets, data), dtype=pd.ArrowDtype(arrow_strings(offsets, data).type))
    rows, pattern = np.arange(len(column)), pattern_of(p)
    found = {
        "contains": lambda: column.str.contains(pattern, regex=False),
        "matches": lambda: column.str.contains(pattern),
        "starts": lambda: column.str.startswith(pattern),
    }[what]

    def run():
        flags = found().to_numpy(dtype=bool)
        return flags.sum(), rows[flags].sum()

    return run


def polars(what, offsets, data, p=None, *rest):
    import polars as pl

    frame, text = strings_frame(offsets, data), pl.col("s").str
    if what == "contains_any":
        flags = [text.contains(pattern, literal=True) for pattern in patterns_of(p, *rest)]
        mask = pl.sum_horizontal([flag.cast(pl.Int64) * (1 << k) for k, flag in enumerate(flags)])
        masks = frame.lazy().select(mask.alias("mask")).select((pl.col("mask") != 0).sum().alias("n"), pl.col("mask").sum())
        return lambda: masks.collect().row(0)
    if what == "extract":
        found = frame.lazy().select(text.extract(pattern_of(p), 2).alias("w"))
        words = found.select(pl.col("w").count().alias("n"), pl.col("w").str.len_bytes().sum())
        return lambda: words.collect().row(0)
    if what == "find_any":
        flags = text.contains_any(patterns_of(p, *rest))
        query = frame.lazy().filter(flags).select(pl.len().alias("n"), pl.col("i").sum())
        return lambda: query.collect().row(0)
    if what in NEW_STRINGS:
        made = {
            "upper": lambda: text.to_uppercase(),
            "lower": lambda: text.to_lowercase(),
            "slice": lambda: text.slice(4, 8),
            "replace": lambda: text.replace_all(pattern_of(p), pattern_of(*rest), literal=True),
        }[what]()
        # Two steps, lest only lengths are computed.
        return lambda: (lambda texts: (len(texts), texts.str.len_bytes().sum()))(frame.select(made.alias("s"))["s"])
    pattern = pattern_of(p)
    flags = {
        "contains": text.contains(pattern, literal=True),
        "starts": text.starts_with(pattern),
        "matches": text.contains(pattern),
    }[what]
    query = frame.lazy().filter(flags).select(pl.len().alias("n"), pl.col("i").sum())
    return lambda: query.collect().row(0)


def duckdb(what, offsets, data, p=None, *rest):
    if what not in ("contains", "starts", "matches", "extract", *NEW_STRINGS):
        return None
    connection = duckdb_tables(t=strings_frame(offsets, data))
    if what in NEW_STRINGS:
        args = [pattern_of(p), pattern_of(*rest)] if what == "replace" else []
        query = f"SELECT count(*), sum(strlen({NEW_STRINGS[what]})) FROM t"
        return lambda: connection.execute(query, args).fetchone()
    if what == "extract":
        words = "SELECT nullif(regexp_extract(s, $1, 2), '') AS w FROM t"
        query = f"SELECT count(w), coalesce(sum(strlen(w)), 0) FROM ({words})"
        return lambda: connection.execute(query, [pattern_of(p)]).fetchone()
    flags = {
        "contains": "contains(s, $1)",
        "starts": "starts_with(s, $1)",
        "matches": "regexp_matches(s, $1)",
    }[what]
    query = f"SELECT count(*), coalesce(sum(i), 0) FROM t WHERE {flags}"
    return lambda: connection.execute(query, [pattern_of(p)]).fetchone()


def strings_frame(offsets, data):
    import numpy as np
    import polars as pl

    return polars_frame(s=pl.from_arrow(arrow_strings(offsets, data)), i=np.arange(len(offsets) - 1))
