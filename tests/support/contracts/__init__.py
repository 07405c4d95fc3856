"""One small suite per port beside the event log: subclass it, and give it a `site` fixture for the implementation."""
