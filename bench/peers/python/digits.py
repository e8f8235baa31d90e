"""Doubles as strings, and strings as doubles; answers are how many and their bytes, or how many and their sum."""

from tables import arrow_strings, duckdb_tables, polars_frame


def pandas(what, *columns):
    import pandas as pd

    if what == "parse":
        texts = pd.Series(strings(*columns), dtype="str")
        return lambda: (lambda values: (values.count(), values.sum()))(pd.to_numeric(texts))
    values = pd.Series(columns[0])
    return lambda: (lambda texts: (len(texts), texts.str.len().sum()))(values.astype("str"))


def polars(what, *columns):
    import polars as pl

    if what == "parse":
        texts = pl.from_arrow(arrow_strings(*columns))
        return lambda: (lambda values: (values.count(), values.sum()))(texts.cast(pl.Float64))
    values = pl.Series(columns[0])
    return lambda: (lambda texts: (len(texts), texts.str.len_bytes().sum()))(values.cast(pl.String))


def duckdb(what, *columns):
    import polars as pl

    if what == "parse":
        connection = duckdb_tables(t=polars_frame(s=pl.from_arrow(arrow_strings(*columns))))
        query = "SELECT count(v), sum(v) FROM (SELECT s::DOUBLE AS v FROM t)"
    else:
        connection = duckdb_tables(t=polars_frame(v=columns[0]))
        query = "SELECT count(*), sum(strlen(v::VARCHAR)) FROM t"
    return lambda: connection.execute(query).fetchone()


def strings(offsets, data):
    text = data.tobytes().decode()
    return [text[a:b] for a, b in zip(offsets, offsets[1:])]
