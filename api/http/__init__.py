"""The HTTP door: GraphQL, downloads, exports, health and metrics, all behind an API key but the health of the process."""
