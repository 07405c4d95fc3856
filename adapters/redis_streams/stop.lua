#!lua flags=allow-oom
-- Closes or halts a partition that still is at the epoch, or under the healing token, of who asks.
-- KEYS: meta. ARGV: field ('epoch' or 'token'), its value, new state, report or ''. Returns 1 or 0.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[1] == 'epoch' and redis.call('HGET', KEYS[1], 'state') ~= 'open' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'report', ARGV[4]) end
return 1
