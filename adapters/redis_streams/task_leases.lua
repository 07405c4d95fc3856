#!lua flags=allow-oom
-- Renews leases of claimed tasks and forgets others. Needs no free memory: a full server must not make workers look dead.
-- KEYS: leases, meta. ARGV: lease in ms, how many are renewed, these fields, then those to forget.
local LEASES, META = KEYS[1], KEYS[2]
local clock = redis.call('TIME')
-- As for events: never before the partition's last time, or a clock set back would end leases that were just renewed.
local now = math.max(clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(redis.call('HGET', META, 'time') or 0))
local stop = string.format('%d', now + tonumber(ARGV[1]))
local renewed = tonumber(ARGV[2])

for at = 3, renewed + 2 do redis.call('HSET', LEASES, ARGV[at], stop) end
for at = renewed + 3, #ARGV do redis.call('HDEL', LEASES, ARGV[at]) end

-- Who died released nothing: of a few fields, those go that ended an hour ago. Enough, since every heartbeat does it.
local some = redis.call('HRANDFIELD', LEASES, -4, 'WITHVALUES')
for at = 1, #some, 2 do
  if tonumber(some[at + 1]) < now - 3600000 then redis.call('HDEL', LEASES, some[at]) end
end
return stop
