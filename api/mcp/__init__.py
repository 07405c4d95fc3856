"""The engine as an MCP server: goals go in, runs come out. Clients get no more than the command line does, and no files."""
