"""TPC-H Q3: the ten orders of a market segment with the most revenue that is not yet shipped."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(customer, segment, key, buyer, date, priority, order, price, discount, shipped, wanted, until):
    customers = pandas_frame(customer=customer, segment=segment)
    orders = pandas_frame(order=key, customer=buyer, date=date, priority=priority)
    lines = pandas_frame(order=order, price=price, discount=discount, shipped=shipped)

    def run():
        buyers = customers[customers["segment"] == wanted]
        open_orders = orders[orders["date"] < until].merge(buyers, on="customer")
        data = lines[lines["shipped"] > until].merge(open_orders, on="order")
        data = data.assign(revenue=data["price"] * (1 - data["discount"]))
        sums = data.groupby(["order", "date", "priority"])["revenue"].sum().reset_index()
        best = sums.sort_values(["revenue", "date"], ascending=[False, True]).head(10)
        return tuple(best[c].to_numpy() for c in ("order", "revenue", "date", "priority"))

    return run


def polars(customer, segment, key, buyer, date, priority, order, price, discount, shipped, wanted, until):
    import polars as pl

    customers = polars_frame(customer=customer, segment=segment).lazy()
    orders = polars_frame(order=key, customer=buyer, date=date, priority=priority).lazy()
    lines = polars_frame(order=order, price=price, discount=discount, shipped=shipped).lazy()
    open_orders = orders.filter(pl.col("date") < until).join(
        customers.filter(pl.col("segment") == wanted), on="customer"
    )
    query = (
        lines.filter(pl.col("shipped") > until)
        .join(open_orders, on="order")
        .group_by("order", "date", "priority")
        .agg((pl.col("price") * (1 - pl.col("discount"))).sum().alias("revenue"))
        .sort(["revenue", "date"], descending=[True, False])
        .head(10)
    )

    def run():
        result = query.collect()
        return tuple(result[c].to_numpy() for c in ("order", "revenue", "date", "priority"))

    return run


def duckdb(customer, segment, key, buyer, date, priority, order, price, discount, shipped, wanted, until):
    connection = duckdb_tables(
        customers=polars_frame(customer=customer, segment=segment),
        orders=polars_frame(key=key, customer=buyer, date=date, priority=priority),
        lines=polars_frame(key=order, price=price, discount=discount, shipped=shipped),
    )
    query = f"""
        SELECT key, sum(price * (1 - discount)) AS revenue, date, priority
        FROM customers JOIN orders USING (customer) JOIN lines USING (key)
        WHERE segment = {wanted} AND date < {until} AND shipped > {until}
        GROUP BY key, date, priority ORDER BY revenue DESC, date LIMIT 10
    """
    return lambda: tuple(zip(*connection.execute(query).fetchall()))
