"""Distances of places from one point, in miles."""

import math

from tables import duckdb_tables, polars_frame

DEGREE = math.pi / 180
EARTH_MILES = 7917.5


def numpy(latitude, longitude, from_latitude, from_longitude):
    import numpy as np

    def run():
        lat = latitude * DEGREE
        north = np.sin((lat - from_latitude * DEGREE) * 0.5)
        east = np.sin((longitude * DEGREE - from_longitude * DEGREE) * 0.5)
        chord = north * north + np.cos(lat) * math.cos(from_latitude * DEGREE) * (east * east)
        return np.arcsin(np.sqrt(chord)) * EARTH_MILES

    return run


def numba(latitude, longitude, from_latitude, from_longitude):
    import numpy as np
    from numba import njit

    @njit(fastmath=True)
    def miles(latitude, longitude, from_lat, from_lon):
        out = np.empty_like(latitude)
        cos_from = math.cos(from_lat)
        for i in range(len(latitude)):
            lat = latitude[i] * DEGREE
            north = math.sin((lat - from_lat) * 0.5)
            east = math.sin((longitude[i] * DEGREE - from_lon) * 0.5)
            chord = north * north + math.cos(lat) * cos_from * (east * east)
            out[i] = math.asin(math.sqrt(chord)) * EARTH_MILES
        return out

    return lambda: miles(latitude, longitude, from_latitude * DEGREE, from_longitude * DEGREE)


def polars(latitude, longitude, from_latitude, from_longitude):
    import polars as pl

    frame = polars_frame(latitude=latitude, longitude=longitude).lazy()
    lat = pl.col("latitude") * DEGREE
    north = ((lat - from_latitude * DEGREE) * 0.5).sin()
    east = ((pl.col("longitude") * DEGREE - from_longitude * DEGREE) * 0.5).sin()
    chord = north * north + lat.cos() * math.cos(from_latitude * DEGREE) * (east * east)
    miles = (chord.sqrt().arcsin() * EARTH_MILES).alias("miles")
    return lambda: frame.select(miles).collect()["miles"].to_numpy()


def duckdb(latitude, longitude, from_latitude, from_longitude):
    connection = duckdb_tables(places=polars_frame(latitude=latitude, longitude=longitude))
    lat, lon = from_latitude * DEGREE, from_longitude * DEGREE
    query = f"""
        SELECT asin(sqrt(north * north + cos(lat) * {math.cos(lat)!r} * (east * east))) * {EARTH_MILES} AS miles
        FROM (SELECT lat, sin((lat - {lat!r}) * 0.5::DOUBLE) AS north, sin((lon - {lon!r}) * 0.5::DOUBLE) AS east
              FROM (SELECT latitude * {DEGREE!r} AS lat, longitude * {DEGREE!r} AS lon FROM places))
    """
    return lambda: connection.execute(query).fetchnumpy()["miles"]


def c(latitude, longitude, from_latitude, from_longitude):
    import ctypes

    import numpy as np
    from c import address, compiled

    miles = compiled(f"""
        #include <math.h>
        void miles(const double *restrict latitude, const double *restrict longitude, double lat0, double lon0,
                   double *restrict out, long n) {{
          double cos0 = cos(lat0);
          for (long i = 0; i < n; i++) {{
            double lat = latitude[i] * {DEGREE!r};
            double north = sin((lat - lat0) * 0.5), east = sin((longitude[i] * {DEGREE!r} - lon0) * 0.5);
            out[i] = asin(sqrt(north * north + cos(lat) * cos0 * (east * east))) * {EARTH_MILES};
          }}
        }}
    """).miles
    start = [ctypes.c_double(from_latitude * DEGREE), ctypes.c_double(from_longitude * DEGREE)]

    def run():
        out = np.empty_like(latitude)
        miles(address(latitude), address(longitude), *start, address(out), ctypes.c_long(len(out)))
        return out

    return run
