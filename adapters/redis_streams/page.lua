#!lua flags=no-writes
-- Entries of a stream, as sent. KEYS: stream. ARGV: first id, count.
return redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
