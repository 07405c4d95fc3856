"""Works on offered tasks: claims, calls, checks, reports.

What a worker holds in memory is never needed by anybody else: an intent stands in the log before its call, a report is
one append, and an attempt that ends without one ends by its lease. Only the log decides who holds a task.
"""
