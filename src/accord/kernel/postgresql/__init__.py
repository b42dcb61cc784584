"""Django's backend for PostgreSQL, with instants that the driver reads in compiled code."""
