"""The features of stockops, over the Parquet files under its home."""

import os
import pathlib
from datetime import timedelta

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.data_format import ParquetFormat
from feast.types import Float64, String

home = pathlib.Path(os.environ["STOCKOPS_HOME"]).resolve()
ticker = Entity(name="ticker", join_keys=["ticker"], value_type=ValueType.STRING)
features = ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]

stock_stats = FeatureView(
    name="stock_stats",
    entities=[ticker],
    ttl=timedelta(days=14),
    schema=[Field(name="ticker", dtype=String)] + [Field(name=name, dtype=Float64) for name in features],
    source=FileSource(
        name="stock_stats_files",
        # A folder of files, all of them one table.
        path=f"{home}/features/rows/stock_stats",
        file_format=ParquetFormat(),
        timestamp_field="event_timestamp",
        created_timestamp_column="created_timestamp",
    ),
)
