"""The whole engine under faults: its roles as processes, its servers, and a client that submits runs meanwhile.

What is checked at the end is what users are promised: every run ends or says what nobody knows; what may be repeated has
one effect, what must not be repeated is not; log, archive and queues agree.
"""
