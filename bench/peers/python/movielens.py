"""Mean ratings by women and by men, their gap and the deviation, of films with many ratings."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(users, sexes, films, titles, rating_user, rating_film, rating, least):
    user = pandas_frame(user=users, sex=sexes)
    film = pandas_frame(film=films, title=titles)
    ratings = pandas_frame(user=rating_user, film=rating_film, rating=rating)

    def run():
        data = ratings.merge(user, on="user").merge(film, on="film")
        by_title = data.groupby("title", sort=False)["rating"]
        count = by_title.size()
        active = count.index[count >= least]
        means = data.pivot_table(values="rating", index="title", columns="sex", aggfunc="mean").loc[active]
        deviation = by_title.std().loc[active]
        gap = means[1] - means[0]
        return tuple(x.to_numpy() for x in (active, means[0], means[1], gap, deviation))

    return run


def polars(users, sexes, films, titles, rating_user, rating_film, rating, least):
    import polars as pl

    user = polars_frame(user=users, sex=sexes).lazy()
    film = polars_frame(film=films, title=titles).lazy()
    ratings = polars_frame(user=rating_user, film=rating_film, rating=rating).lazy()
    mean = lambda sex: pl.col("rating").filter(pl.col("sex") == sex).mean()  # noqa: E731
    query = (
        ratings.join(user, on="user", maintain_order="left")
        .join(film, on="film", maintain_order="left")
        .group_by("title", maintain_order=True)
        .agg(pl.len().alias("n"), mean(0).alias("women"), mean(1).alias("men"), pl.col("rating").std().alias("std"))
        .filter(pl.col("n") >= least)
        .select("title", "women", "men", (pl.col("men") - pl.col("women")).alias("gap"), "std")
    )

    def run():
        result = query.collect()
        return tuple(result[c].to_numpy() for c in result.columns)

    return run


def duckdb(users, sexes, films, titles, rating_user, rating_film, rating, least):
    import numpy as np

    connection = duckdb_tables(
        users=polars_frame(user=users, sex=sexes),
        films=polars_frame(film=films, title=titles),
        ratings=polars_frame(user=rating_user, film=rating_film, rating=rating, row=np.arange(len(rating))),
    )
    query = f"""
        SELECT title, women, men, men - women AS gap, std FROM (
          SELECT title, min(row) AS first, count(*) AS n, stddev_samp(rating) AS std,
                 avg(rating) FILTER (sex = 0) AS women, avg(rating) FILTER (sex = 1) AS men
          FROM ratings JOIN users USING (user) JOIN films USING (film) GROUP BY title)
        WHERE n >= {least} ORDER BY first
    """

    def run():
        result = connection.execute(query).fetchnumpy()
        return tuple(result[c] for c in ("title", "women", "men", "gap", "std"))

    return run
