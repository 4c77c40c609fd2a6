"""The sun and the clear sky by pvlib, for the tests to compare with.

usage: pvlib_sun.py positions
       pvlib_sun.py sky

`positions` prints a line for each of many instants over 50 years at all latitudes: milliseconds
since 1970, latitude and longitude in microdegrees, elevation in metres, then zenith, apparent
zenith and azimuth in degrees.

`sky` prints for each site of the TMY files that come with pvlib a line `site NAME LATITUDE
LONGITUDE ELEVATION` (microdegrees, metres), a line `planes` with tilt and azimuth in degrees by
turns, and a line for each hour of a year: milliseconds since 1970 of its middle, Linke turbidity in
thousandths, then in W/m² global, direct normal and diffuse irradiance, what falls on each plane,
and what falls on the first when clouds leave the share CLOUDED of the global irradiance.
"""

import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

LATITUDES = range(-90, 91, 5)
PLACES_EACH = 3
INSTANTS_EACH = 150
START = pd.Timestamp("1990-01-01", tz="UTC")
END = pd.Timestamp("2040-01-01", tz="UTC")

PLANES = [(35, 180), (20, 90), (60, 270), (90, 180), (10, 0), (45, 135)]
ALBEDO = 0.2
CLOUDED = 0.4
YEAR = 2021


def milliseconds(times):
    return ((times - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(milliseconds=1)).to_numpy()


def positions():
    source = random.Random(20040101)
    seconds = int((END - START).total_seconds())
    for latitude in [latitude for latitude in LATITUDES for _ in range(PLACES_EACH)]:
        longitude = source.randint(-180_000_000, 180_000_000)
        elevation = source.choice([0, 0, 300, 4000])
        chosen = sorted(source.randrange(seconds) for _ in range(INSTANTS_EACH))
        times = START + pd.to_timedelta(chosen, unit="s")
        sun = pvlib.solarposition.spa_python(
            times,
            latitude,
            longitude / 1e6,
            altitude=elevation,
            pressure=pvlib.atmosphere.alt2pres(elevation),
            temperature=12,
            delta_t=None,
        )
        columns = sun[["zenith", "apparent_zenith", "azimuth"]].to_numpy()
        for instant, (zenith, apparent, azimuth) in zip(milliseconds(times), columns):
            place = f"{latitude * 1_000_000} {longitude} {elevation}"
            print(f"{instant} {place} {zenith:.7f} {apparent:.7f} {azimuth:.7f}")


def sites():
    """Name and metadata of each TMY file that pvlib brings with it."""
    folder = Path(pvlib.__file__).parent / "data"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.suffix == ".tm2":
            yield file.name, pvlib.iotools.read_tmy2(file)[1]
        elif file.name.upper().endswith(("TY.CSV", "TYA.CSV")):
            yield file.name, pvlib.iotools.read_tmy3(file)[1]


def sky():
    times = pd.date_range(f"{YEAR}-01-01 00:30", f"{YEAR}-12-31 23:30", freq="h", tz="UTC")
    outside = pvlib.irradiance.get_extra_radiation(times)
    for name, metadata in sites():
        # Whole microdegrees and metres, so that both sides compute for the same place.
        latitude = round(metadata["latitude"] * 1e6) / 1e6
        longitude = round(metadata["longitude"] * 1e6) / 1e6
        elevation = round(metadata["altitude"])
        location = pvlib.location.Location(latitude, longitude, altitude=elevation)
        turbidity = pvlib.clearsky.lookup_linke_turbidity(times, latitude, longitude)
        turbidity = (turbidity * 1000).round() / 1000
        position = location.get_solarposition(times)
        light = location.get_clearsky(
            times, model="ineichen", solar_position=position, linke_turbidity=turbidity
        )

        def falling(plane, dni, ghi, dhi):
            return pvlib.irradiance.get_total_irradiance(
                plane[0],
                plane[1],
                position["apparent_zenith"],
                position["azimuth"],
                dni,
                ghi,
                dhi,
                dni_extra=outside,
                albedo=ALBEDO,
                model="haydavies",
            )["poa_global"].fillna(0)

        on_planes = [falling(plane, light["dni"], light["ghi"], light["dhi"]) for plane in PLANES]
        clouded = pvlib.irradiance.erbs(light["ghi"] * CLOUDED, position["zenith"], times)
        under_clouds = falling(
            PLANES[0], clouded["dni"], light["ghi"] * CLOUDED, clouded["dhi"]
        )
        columns = [light["ghi"], light["dni"], light["dhi"], *on_planes, under_clouds]
        table = np.column_stack([column.to_numpy() for column in columns])
        print(f"site {name} {round(latitude * 1e6)} {round(longitude * 1e6)} {elevation}")
        print("planes " + " ".join(f"{tilt} {azimuth}" for tilt, azimuth in PLANES))
        rows = zip(milliseconds(times), (turbidity * 1000).round().astype(int), table)
        for instant, thousandths, values in rows:
            print(f"{instant} {thousandths} " + " ".join(f"{value:.3f}" for value in values))


{"positions": positions, "sky": sky}[sys.argv[1]]()
