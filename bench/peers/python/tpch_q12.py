"""TPC-H Q12: late lines of two ship modes, by the priority of their orders."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(key, priority, order, mode, shipped, committed, received, mail, ship, start, until):
    orders = pandas_frame(order=key, priority=priority)
    lines = pandas_frame(order=order, mode=mode, shipped=shipped, committed=committed, received=received)

    def run():
        late = lines[
            lines["mode"].isin([mail, ship])
            & (lines["committed"] < lines["received"])
            & (lines["shipped"] < lines["committed"])
            & (lines["received"] >= start)
            & (lines["received"] < until)
        ]
        data = late.merge(orders, on="order")
        urgent = data["priority"] <= 1
        table = data.assign(high=urgent, low=~urgent).groupby("mode")[["high", "low"]].sum().reset_index()
        return tuple(table[c].to_numpy() for c in ("mode", "high", "low"))

    return run


def polars(key, priority, order, mode, shipped, committed, received, mail, ship, start, until):
    import polars as pl

    orders = polars_frame(order=key, priority=priority).lazy()
    lines = polars_frame(order=order, mode=mode, shipped=shipped, committed=committed, received=received).lazy()
    keep = (
        ((pl.col("mode") == mail) | (pl.col("mode") == ship))
        & (pl.col("committed") < pl.col("received"))
        & (pl.col("shipped") < pl.col("committed"))
        & (pl.col("received") >= start)
        & (pl.col("received") < until)
    )
    urgent = pl.col("priority") <= 1
    query = lines.filter(keep).join(orders, on="order").group_by("mode")
    query = query.agg(urgent.sum().alias("high"), (~urgent).sum().alias("low")).sort("mode")

    def run():
        result = query.collect()
        return tuple(result[c].to_numpy() for c in ("mode", "high", "low"))

    return run


def duckdb(key, priority, order, mode, shipped, committed, received, mail, ship, start, until):
    connection = duckdb_tables(
        orders=polars_frame(key=key, priority=priority),
        lines=polars_frame(key=order, mode=mode, shipped=shipped, committed=committed, received=received),
    )
    query = f"""
        SELECT mode, count(*) FILTER (priority <= 1), count(*) FILTER (priority > 1)
        FROM orders JOIN lines USING (key)
        WHERE mode IN ({mail}, {ship}) AND committed < received AND shipped < committed
          AND received >= {start} AND received < {until}
        GROUP BY mode ORDER BY mode
    """
    return lambda: tuple(zip(*connection.execute(query).fetchall()))
