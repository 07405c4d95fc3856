#!lua flags=no-writes
-- Some of the keys of the server that holds a partition. KEYS: meta (for the way there). ARGV: cursor, pattern.
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)
