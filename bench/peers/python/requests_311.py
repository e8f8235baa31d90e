"""Count, sum and maximum of the hours to answer the noise complaints of one borough."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(kind, borough, opened, closed, noise, where):
    frame = pandas_frame(kind=kind, borough=borough, opened=opened, closed=closed)

    def run():
        found = frame[(frame["kind"] == noise) & (frame["borough"] == where) & (frame["closed"] >= 0)]
        hours = (found["closed"] - found["opened"]) / 60
        return len(hours), hours.sum(), hours.max()

    return run


def polars(kind, borough, opened, closed, noise, where):
    import polars as pl

    frame = polars_frame(kind=kind, borough=borough, opened=opened, closed=closed).lazy()
    keep = (pl.col("kind") == noise) & (pl.col("borough") == where) & (pl.col("closed") >= 0)
    hours = ((pl.col("closed") - pl.col("opened")) / 60).alias("hours")
    query = frame.filter(keep).select(hours)
    query = query.select(pl.len().alias("n"), pl.col("hours").sum().alias("s"), pl.col("hours").max().alias("m"))
    return lambda: query.collect().row(0)


def duckdb(kind, borough, opened, closed, noise, where):
    connection = duckdb_tables(
        requests=polars_frame(kind=kind, borough=borough, opened=opened, closed=closed)
    )
    query = f"""
        SELECT count(*), sum((closed - opened) / 60.0::DOUBLE), max((closed - opened) / 60.0::DOUBLE) FROM requests
        WHERE kind = {noise} AND borough = {where} AND closed >= 0
    """
    return lambda: connection.execute(query).fetchone()
