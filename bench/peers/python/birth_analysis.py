"""Share of the births whose name is like one of a list, by year and sex, in the order of years."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(year, sex, name, births, like):
    frame = pandas_frame(year=year, sex=sex, name=name, births=births)
    listed = like == 1

    def run():
        total = frame.groupby(["year", "sex"])["births"].sum()
        part = frame[listed[frame["name"].to_numpy()]].groupby(["year", "sex"])["births"].sum()
        share = (part / total.reindex(part.index)).reset_index()
        return share["year"].to_numpy(), share["sex"].to_numpy(), share["births"].to_numpy()

    return run


def polars(year, sex, name, births, like):
    import numpy as np
    import polars as pl

    frame = polars_frame(year=year, sex=sex, name=name, births=births).lazy()
    names = pl.LazyFrame({"name": np.flatnonzero(like == 1).astype(np.int32)})
    total = frame.group_by("year", "sex").agg(pl.col("births").cast(pl.Int64).sum().alias("total"))
    part = frame.join(names, on="name", how="semi").group_by("year", "sex")
    part = part.agg(pl.col("births").cast(pl.Int64).sum())
    query = part.join(total, on=["year", "sex"]).sort("year", "sex")
    query = query.select("year", "sex", (pl.col("births") / pl.col("total")).alias("share"))

    def run():
        result = query.collect()
        return tuple(result[c].to_numpy() for c in ("year", "sex", "share"))

    return run


def duckdb(year, sex, name, births, like):
    import numpy as np

    connection = duckdb_tables(
        rows=polars_frame(year=year, sex=sex, name=name, births=births),
        listed=polars_frame(name=np.flatnonzero(like == 1).astype(np.int32)),
    )
    query = """
        WITH total AS (SELECT year, sex, sum(births) AS n FROM rows GROUP BY year, sex),
             part AS (SELECT year, sex, sum(births) AS n FROM rows SEMI JOIN listed USING (name) GROUP BY year, sex)
        SELECT year, sex, part.n / total.n AS share FROM part JOIN total USING (year, sex) ORDER BY year, sex
    """

    def run():
        result = connection.execute(query).fetchnumpy()
        return result["year"], result["sex"], result["share"]

    return run
