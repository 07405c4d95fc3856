"""Traces by way of OpenTelemetry's API: without an SDK that somebody configured, they go nowhere and cost little."""
