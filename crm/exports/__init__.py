"""Lists as files: CSV and XLSX, safe in a spreadsheet, read back exactly by an import."""
