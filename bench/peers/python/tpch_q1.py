"""TPC-H Q1: pricing summary, in the order of flag and status."""

from tables import duckdb_tables, pandas_frame, polars_frame


def pandas(quantity, price, discount, tax, flag, status, shipped, until):
    frame = pandas_frame(
        quantity=quantity, price=price, discount=discount, tax=tax, flag=flag, status=status, shipped=shipped
    )

    def run():
        lines = frame[frame["shipped"] <= until]
        rest = lines["price"] * (1 - lines["discount"])
        lines = lines.assign(rest=rest, charge=rest * (1 + lines["tax"]))
        groups = lines.groupby(["flag", "status"]).agg(
            quantity=("quantity", "sum"),
            price=("price", "sum"),
            rest=("rest", "sum"),
            charge=("charge", "sum"),
            mean_quantity=("quantity", "mean"),
            mean_price=("price", "mean"),
            mean_discount=("discount", "mean"),
            n=("price", "size"),
        )
        table = groups.reset_index()
        return tuple(table[c].to_numpy() for c in table.columns)

    return run


def polars(quantity, price, discount, tax, flag, status, shipped, until):
    import polars as pl

    frame = polars_frame(
        quantity=quantity, price=price, discount=discount, tax=tax, flag=flag, status=status, shipped=shipped
    ).lazy()
    rest = pl.col("price") * (1 - pl.col("discount"))
    query = (
        frame.filter(pl.col("shipped") <= until)
        .group_by("flag", "status")
        .agg(
            pl.col("quantity").sum(),
            pl.col("price").sum(),
            rest.sum().alias("rest"),
            (rest * (1 + pl.col("tax"))).sum().alias("charge"),
            pl.col("quantity").mean().alias("mean_quantity"),
            pl.col("price").mean().alias("mean_price"),
            pl.col("discount").mean().alias("mean_discount"),
            pl.len().alias("n"),
        )
        .sort("flag", "status")
    )

    def run():
        result = query.collect()
        return tuple(result[c].to_numpy() for c in result.columns)

    return run


def duckdb(quantity, price, discount, tax, flag, status, shipped, until):
    connection = duckdb_tables(
        lines=polars_frame(
            quantity=quantity, price=price, discount=discount, tax=tax, flag=flag, status=status, shipped=shipped
        )
    )
    query = f"""
        SELECT flag, status, sum(quantity), sum(price), sum(price * (1 - discount)),
               sum(price * (1 - discount) * (1 + tax)), avg(quantity), avg(price), avg(discount), count(*)
        FROM lines WHERE shipped <= {until} GROUP BY flag, status ORDER BY flag, status
    """
    return lambda: tuple(zip(*connection.execute(query).fetchall()))
