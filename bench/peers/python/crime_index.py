"""Filter big cities, score them by a linear model, clamp the scores, add up."""

from tables import duckdb_tables, pandas_frame, polars_frame


def numpy(population, adults, robberies):
    import numpy as np

    def run():
        big = population > 500_000
        index = np.dot(
            np.stack([population[big], adults[big], robberies[big]], axis=1), np.array([0.00001, 0.00002, -0.02])
        )
        index[index > 20] = 32
        index[index < 10] = 5
        return index.sum()

    return run


def pandas(population, adults, robberies):
    """The cross-library form of the paper: a frame is filtered, an array is computed, a column is summed."""
    import numpy as np

    frame = pandas_frame(population=population, adults=adults, robberies=robberies)

    def run():
        big = frame[frame["population"] > 500_000]
        features = big[["population", "adults", "robberies"]].values
        index = np.dot(features, np.array([0.00001, 0.00002, -0.02]))
        scores = pandas_frame(index=index)
        scores.loc[scores["index"] > 20, "index"] = 32
        scores.loc[scores["index"] < 10, "index"] = 5
        return scores["index"].sum()

    return run


def numba(population, adults, robberies):
    from numba import njit

    @njit(fastmath=True)
    def total(population, adults, robberies):
        s = 0.0
        for i in range(len(population)):
            if population[i] > 500_000:
                index = population[i] * 0.00001 + adults[i] * 0.00002 + robberies[i] * -0.02
                if index > 20:
                    index = 32.0
                if index < 10:
                    index = 5.0
                s += index
        return s

    return lambda: total(population, adults, robberies)


def polars(population, adults, robberies):
    import polars as pl

    frame = polars_frame(population=population, adults=adults, robberies=robberies).lazy()
    index = pl.col("population") * 0.00001 + pl.col("adults") * 0.00002 + pl.col("robberies") * -0.02
    query = (
        frame.filter(pl.col("population") > 500_000)
        .select(index.alias("index"))
        .select(pl.when(pl.col("index") > 20).then(32.0).when(pl.col("index") < 10).then(5.0).otherwise("index").sum())
    )
    return lambda: query.collect().item()


def duckdb(population, adults, robberies):
    connection = duckdb_tables(cities=polars_frame(population=population, adults=adults, robberies=robberies))
    query = """
        SELECT sum(CASE WHEN x > 20 THEN 32 WHEN x < 10 THEN 5 ELSE x END) FROM (
          SELECT population * 0.00001::DOUBLE + adults * 0.00002::DOUBLE + robberies * -0.02::DOUBLE AS x
          FROM cities WHERE population > 500000)
    """
    return lambda: connection.execute(query).fetchone()[0]
