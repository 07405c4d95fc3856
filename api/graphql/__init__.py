"""The GraphQL door: runs as the read models have them, as they were, and as they go on; goals in, cancels in."""
