"""Work queues on Redis Streams: FastStream delivers, the worker decides, the log acknowledges.

Nothing here acknowledges a message: that happens in the append that reports (I14).
"""
