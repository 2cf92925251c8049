"""Everything that knows no QGIS: jobs, errors, the wire, the client, the catalogue."""
