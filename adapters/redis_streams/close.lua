#!lua flags=allow-oom
-- Closes a partition for one healing: its token is the epoch under way, and the highest token wins.
-- Of two healings that chose the same token, without Postgres to tell them apart, the first one wins.
-- KEYS: meta. ARGV[1]: token. Returns 1, or 0 when a later healing has begun, or this token is taken.
local META = KEYS[1]
local token = tonumber(redis.call('HGET', META, 'token') or 0)
if token >= tonumber(ARGV[1]) then return 0 end
if redis.call('HGET', META, 'state') == 'halted' then
  redis.call('HSET', META, 'rebuild', 1) -- what is derived cannot be trusted, also not by the next healer
end
redis.call('HSET', META, 'token', ARGV[1], 'state', 'closed')
return 1
