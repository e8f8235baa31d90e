"""Zip codes cut to five digits, what is none dropped, the distinct ones in the order of their first appearance."""

from tables import duckdb_tables, polars_frame


def pandas(zips):
    import pandas as pd

    column = pd.Series(zips)

    def run():
        short = column.where(column <= 99_999, column // 10_000)
        return short[(short > 0) & (short >= 501)].unique()

    return run


def polars(zips):
    import polars as pl

    frame = polars_frame(zip=zips).lazy()
    short = pl.when(pl.col("zip") > 99_999).then(pl.col("zip") // 10_000).otherwise(pl.col("zip")).alias("zip")
    query = frame.select(short).filter((pl.col("zip") > 0) & (pl.col("zip") >= 501)).unique(maintain_order=True)
    return lambda: query.collect()["zip"].to_numpy()


def duckdb(zips):
    import numpy as np

    frame = polars_frame(zip=zips, row=np.arange(len(zips)))
    connection = duckdb_tables(requests=frame)
    query = """
        SELECT short FROM (SELECT CASE WHEN zip > 99999 THEN zip // 10000 ELSE zip END AS short, row FROM requests)
        WHERE short > 0 AND short >= 501 GROUP BY short ORDER BY min(row)
    """
    return lambda: connection.execute(query).fetchnumpy()["short"]
