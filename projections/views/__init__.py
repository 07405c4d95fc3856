"""What a run looks like after some of its events: for people, never for a decision.

A view is a pure fold of decoded events. A mere reader passes over what a newer release wrote (I9), and says so.
"""
