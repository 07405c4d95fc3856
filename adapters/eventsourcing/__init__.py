"""Recorders of the `eventsourcing` package over any event log that can be asked synchronously (`journal.Journal`).

An application has one partition, its snapshots another. An event's run is its originator and its aggregate is its
version, so each (originator, version) is a place that can be taken once, whatever the order or gaps of versions; its
notification id is its position. What is saved together is appended together.
"""
