"""The warehouse: a mirror of the ledger in Parquet files, from which everything that reports is read."""
